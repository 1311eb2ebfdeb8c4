// The sampler's update of a state: docs/arithmetic.md, "The sampler".
#ifndef DRIFT_SAMPLER_H
#define DRIFT_SAMPLER_H

#include <stddef.h>
#include <stdint.h>

#pragma clang assume_nonnull begin

enum { DRIFT_SAMPLER_ADDENDS = 6 };

/// x0 = p*x + q*e, clamped;  x' = a*x + b*x0 + g*e + sum of factor * values. Terms with g = 0, and addends that are NULL, are left out.
typedef struct drift_sampler_terms {
  float p, q, a, b, g;
  uint32_t clips;
  float clip_low, clip_high;
  float factors[DRIFT_SAMPLER_ADDENDS];
  const float *_Nullable addends[DRIFT_SAMPLER_ADDENDS];  // in the order in which they are added
  float *_Nullable kept;  // gets x, x0 or e
  uint32_t kept_source;   // 0: x, 1: x0, 2: e
} drift_sampler_terms;

/// Replaces `count` values of x.
void drift_sampler_update(const drift_sampler_terms *terms, float *x, const float *e, size_t count);

/// docs/arithmetic.md, DECAY: what spiking steps have answered so far, out[i] = sum[i] = decay * sum[i] + y[i]; y[i] at the first step.
void drift_decay(const float *y, size_t count, float decay, uint32_t is_first, float *sum, float *out);

#pragma clang assume_nonnull end

#endif
