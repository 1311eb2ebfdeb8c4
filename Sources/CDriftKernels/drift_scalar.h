// One value at a time: what docs/arithmetic.md says, in C. The scalar kernels loop over these functions, the others end with them.
#ifndef DRIFT_SCALAR_H
#define DRIFT_SCALAR_H

#include <string.h>

#include "include/drift_kernels.h"

/// 1.5 * 2^23: adding it leaves no fraction bits, so that the addition itself rounds to nearest even.
#define DRIFT_ROUNDING_MAGIC 12582912.0f

/// NaN, which only a hostile request can bring in, becomes the lower bound.
static inline float drift_clamp(float v, float low, float high) {
  v = v > low ? v : low;
  return v < high ? v : high;
}

static inline int32_t drift_rne(float v) { return (int32_t)((v + DRIFT_ROUNDING_MAGIC) - DRIFT_ROUNDING_MAGIC); }

static inline int32_t drift_quantized(float v, const drift_quantizer *quantizer) {
  return drift_rne(drift_clamp(v, quantizer->low, quantizer->high)) + quantizer->zero_point;
}

/// Stores value `column` of row `row`.
static inline void drift_store(const drift_destination *out, uint32_t type, size_t index, float v) {
  if (type == DRIFT_STORE_FLOAT) {
    ((float *)out->base)[index] = v;
    return;
  }
  int32_t q = drift_quantized(v, &out->quantizer);
  if (type == DRIFT_STORE_INT16) {
    ((int16_t *)out->base)[index] = (int16_t)q;
  } else if (type == DRIFT_STORE_INT8) {
    ((int8_t *)out->base)[index] = (int8_t)q;
  } else {
    int8_t low = (int8_t)(uint8_t)(q & 255);
    ((int8_t *)out->base)[index] = (int8_t)((q - low) / 256);
    out->low[index] = low;
  }
}

static inline float drift_activate(float y, uint32_t activation, const float *table) {
  if (activation == 0) return y;
  float positive = y > 0 ? y : 0;
  if (activation == 1) return positive;
  return positive - table[drift_rne(drift_clamp(y * 128.0f, -1024.0f, 1023.0f)) + 1024];
}

static inline float drift_transformed(int16_t q, float scale, float shift, const drift_transform *t) {
  float y = (float)q * scale + shift;
  return drift_activate(y, t->activation, t->table) * t->inverse;
}

/// Output `o` of pixel `pixel` of a tile.
static inline float drift_tile_value(const int32_t *sums, const drift_tile *tile, uint32_t pixel, uint32_t o) {
  float v;
  if (tile->pair) {
    const int32_t *high = sums + 2 * pixel * DRIFT_TILE_OUTPUTS, *low = high + DRIFT_TILE_OUTPUTS;
    v = (float)high[o] * 256.0f + (float)low[o];
  } else {
    v = (float)(tile->offset[o] + sums[pixel * DRIFT_TILE_OUTPUTS + o]);
  }
  v = v * tile->multiplier[o] + tile->bias[o];
  if (tile->residual != NULL) v = v + (float)tile->residual[pixel * tile->residual_stride + o] * tile->residual_gain;
  return v;
}

static inline int32_t drift_load_word(const int8_t *bytes) {
  int32_t word;
  memcpy(&word, bytes, sizeof word);
  return word;
}

/// Byte offset of (output, input) in packed weights with one tap: [output/16][input/4][16][4].
static inline size_t drift_packed_index(uint32_t output, uint32_t input, uint32_t input_blocks) {
  return ((size_t)(output / 16) * input_blocks + input / 4) * 64 + (output % 16) * 4 + input % 4;
}

// Kernels that every set may take over as they are.
void drift_scalar_pack_keys(const int8_t *keys, size_t stride, uint32_t tokens, uint32_t depth, int8_t *packed);
void drift_scalar_pack_values(
    const int8_t *values, size_t stride, uint32_t tokens, uint32_t depth, int8_t *packed, int32_t *column_sums);
int32_t drift_scalar_exponentiate(
    const int32_t *logits, size_t block_stride, uint32_t tokens, float factor, const uint8_t *table, int8_t *probabilities);

#endif
