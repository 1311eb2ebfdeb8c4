#include "include/drift_sampler.h"

#include <string.h>

/// Vectors, but each once a turn: there is little to gain and much code to carry.
#define ONCE _Pragma("clang loop unroll(disable)")

enum { CHUNK = 128 };

/// Plain loops over a chunk, which the compiler turns into vectors wherever those keep subnormal numbers (all but 32-bit NEON).
static void update_chunk(const drift_sampler_terms *t, size_t first, float *x, const float *e, size_t count) {
  float estimate[CHUNK], next[CHUNK];
  ONCE for (size_t i = 0; i < count; i++) estimate[i] = t->p * x[i] + t->q * e[i];
  if (t->clips) {
    ONCE for (size_t i = 0; i < count; i++) {
      const float v = estimate[i] < t->clip_low ? t->clip_low : estimate[i];
      estimate[i] = v > t->clip_high ? t->clip_high : v;
    }
  }
  ONCE for (size_t i = 0; i < count; i++) next[i] = t->a * x[i] + t->b * estimate[i];
  if (t->g != 0) {
    ONCE for (size_t i = 0; i < count; i++) next[i] = next[i] + t->g * e[i];
  }
  for (int k = 0; k < DRIFT_SAMPLER_ADDENDS; k++) {
    if (t->addends[k] == NULL) continue;
    const float *values = t->addends[k] + first, factor = t->factors[k];
    ONCE for (size_t i = 0; i < count; i++) next[i] = next[i] + factor * values[i];
  }
  if (t->kept != NULL) {
    const float *const sources[3] = {x, estimate, e};
    memcpy(t->kept + first, sources[t->kept_source], count * sizeof(float));
  }
  memcpy(x, next, count * sizeof(float));
}

void drift_decay(const float *y, size_t count, float decay, uint32_t is_first, float *sum, float *out) {
  for (size_t i = 0; i < count; i++) {
    const float next = is_first ? y[i] : decay * sum[i] + y[i];
    sum[i] = next;
    out[i] = next;
  }
}

void drift_sampler_update(const drift_sampler_terms *terms, float *x, const float *e, size_t count) {
  const drift_sampler_terms t = *terms;
  for (size_t first = 0; first < count; first += CHUNK) {
    const size_t left = count - first;
    update_chunk(&t, first, x + first, e + first, left < CHUNK ? left : CHUNK);
  }
}
