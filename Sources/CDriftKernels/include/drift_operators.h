// Parts of operators that need no instruction set of their own: one version for every CPU. docs/arithmetic.md says which bits they give.
#ifndef DRIFT_OPERATORS_H
#define DRIFT_OPERATORS_H

#include <stdint.h>

#pragma clang assume_nonnull begin

/// What becomes of normalized channels that share a mean and an inverse deviation.
typedef struct drift_affine {
  const float *gamma, *beta;
  const int16_t *_Nullable step_scales;  // rows of the step table, or NULL
  const int16_t *_Nullable step_shifts;
  float step_scale;
  float mean, inverse;
  float input_scale;  // s_p
} drift_affine;

/// A and B of docs/arithmetic.md, NORMALIZE, for channels 0 ..< count.
void drift_affine_fill(const drift_affine *affine, uint32_t count, float *scale, float *shift);

/// Sum of q and of q * q over at most 65535 values.
void drift_value_sums(const int16_t *x, uint32_t count, int64_t *sum, int64_t *square_sum);

/// out[i] = f32(a[i]) * act(f32(b[i]) * scale_b), docs/arithmetic.md, MULTIPLY.
void drift_products(
    const int16_t *a, const int16_t *b, uint32_t count, float scale_b, uint32_t activation, const float *_Nullable table,
    float *out);

/// A threshold in units of the currents; the verifier has proven that it is in 1 ... 2^21.
int32_t drift_fire_threshold(float threshold, float scale);

/// Integrate and fire with hard reset, docs/arithmetic.md, FIRE: spikes[i] = rest or rest + 1. At the first spiking step membranes are 0,
/// whatever memory holds.
void drift_fire(
    const int16_t *x, uint32_t count, int32_t threshold, uint32_t is_first, int32_t *membrane, int8_t rest, int8_t *spikes);

/// The first of the codes, `channels` values each, that is nearest to x by the sum of squared differences. No value is -32768.
uint32_t drift_nearest_code(const int16_t *x, const int16_t *codes, uint32_t count, uint32_t channels);

#pragma clang assume_nonnull end

#endif
