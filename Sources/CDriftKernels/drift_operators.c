#include "include/drift_operators.h"

#include "drift_scalar.h"

/// Vectors, but each once a turn: there is little to gain and much code to carry.
#define ONCE _Pragma("clang loop unroll(disable) interleave(disable)")

void drift_affine_fill(const drift_affine *affine, uint32_t count, float *scale, float *shift) {
  const drift_affine t = *affine;
  ONCE for (uint32_t c = 0; c < count; c++) {
    float a = t.gamma[c] * t.inverse;
    float b = t.beta[c] - t.mean * a;
    if (t.step_scales != NULL && t.step_shifts != NULL) {
      const float gain = 1.0f + (float)t.step_scales[c] * t.step_scale;
      a = a * gain;
      b = b * gain + (float)t.step_shifts[c] * t.step_scale;
    }
    scale[c] = a * t.input_scale;
    shift[c] = b;
  }
}

void drift_value_sums(const int16_t *x, uint32_t count, int64_t *sum, int64_t *square_sum) {
  int32_t total = 0;
  int64_t squares = 0;
  ONCE for (uint32_t i = 0; i < count; i++) {
    total += x[i];
    squares += x[i] * x[i];
  }
  *sum = total;
  *square_sum = squares;
}

void drift_products(
    const int16_t *a, const int16_t *b, uint32_t count, float scale_b, uint32_t activation, const float *table, float *out) {
  ONCE for (uint32_t i = 0; i < count; i++) {
    out[i] = (float)a[i] * drift_activate((float)b[i] * scale_b, activation, table);
  }
}

int32_t drift_fire_threshold(float threshold, float scale) { return drift_rne(threshold / scale); }

void drift_fire(
    const int16_t *x, uint32_t count, int32_t threshold, uint32_t is_first, int32_t *membrane, int8_t rest, int8_t *spikes) {
  const int32_t keep = is_first ? 0 : -1;
  for (uint32_t i = 0; i < count; i++) {
    const int32_t charged = (membrane[i] & keep) + x[i];
    const int32_t fires = charged >= threshold;
    spikes[i] = (int8_t)(rest + fires);
    membrane[i] = charged & (fires - 1);
  }
}

uint32_t drift_nearest_code(const int16_t *x, const int16_t *codes, uint32_t count, uint32_t channels) {
  uint64_t least = UINT64_MAX;
  uint32_t nearest = 0;
  for (uint32_t code = 0; code < count; code++, codes += channels) {
    uint64_t distance = 0;
    ONCE for (uint32_t c = 0; c < channels; c++) {
      // At most 65534, whose square fits 32 bits without sign.
      const uint32_t difference = (uint32_t)(x[c] - codes[c]);
      distance += difference * difference;
    }
    if (distance < least) least = distance, nearest = code;
  }
  return nearest;
}
