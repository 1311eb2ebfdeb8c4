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

/// Stores value `index`; int8 operands with the kernel set's bias.
static inline void drift_store_biased(const drift_destination *out, uint32_t type, size_t index, float v, int32_t bias) {
  if (type == DRIFT_STORE_FLOAT) {
    ((float *)out->base)[index] = v;
    return;
  }
  int32_t q = drift_quantized(v, &out->quantizer);
  if (type == DRIFT_STORE_INT16) {
    ((int16_t *)out->base)[index] = (int16_t)q;
  } else if (type == DRIFT_STORE_INT8) {
    ((int8_t *)out->base)[index] = (int8_t)(uint8_t)((q + bias) & 255);
  } else {
    int8_t low = (int8_t)(uint8_t)(q & 255);
    ((int8_t *)out->base)[index] = (int8_t)(uint8_t)(((q - low) / 256 + bias) & 255);
    out->low[index] = (int8_t)(uint8_t)((low + bias) & 255);
  }
}

static inline void drift_store(const drift_destination *out, uint32_t type, size_t index, float v) {
  drift_store_biased(out, type, index, v, 0);
}

/// u * p(u)^8 with u = |y| up to a limit; bump: limit, then the coefficients of p from the constant term on.
static inline float drift_bump(float y, const float *bump) {
  float u = y < 0 ? -y : y;
  u = u < bump[0] ? u : bump[0];
  float p = bump[5] * u + bump[4];
  p = p * u + bump[3];
  p = p * u + bump[2];
  p = p * u + bump[1];
  p = p * p;
  p = p * p;
  p = p * p;
  return p * u;
}

static inline float drift_activate(float y, uint32_t activation, const float *table) {
  if (activation == 0) return y;
  float positive = y > 0 ? y : 0;
  if (activation == 1) return positive;
  if (activation == 3) return positive - drift_bump(y, table);
  return positive - table[drift_rne(drift_clamp(y * 128.0f, -1024.0f, 1023.0f)) + 1024];
}

static inline float drift_transformed(int16_t q, float scale, float shift, const drift_transform *t) {
  float y = (float)q * scale + shift;
  return drift_activate(y, t->activation, t->table) * t->inverse;
}

/// Modulo 2^32: with an operand bias the parts may leave the range that the whole stays in.
static inline int32_t drift_sum(int32_t a, int32_t b) { return (int32_t)((uint32_t)a + (uint32_t)b); }

/// Output `o` of pixel `pixel` of a tile whose sums are `sum_stride` apart from row to row.
static inline float drift_tile_value(
    const int32_t *sums, size_t sum_stride, const drift_tile *tile, uint32_t pixel, uint32_t o) {
  float v;
  if (tile->pair) {
    const int32_t *high = sums + 2 * pixel * sum_stride, *low = high + sum_stride;
    v = (float)drift_sum(tile->offset[o], high[o]) * 256.0f + (float)drift_sum(tile->offset[o], low[o]);
  } else {
    v = (float)drift_sum(tile->offset[o], sums[pixel * sum_stride + o]);
  }
  if (tile->row_factor != NULL) return v * tile->row_factor[pixel];
  v = v * tile->multiplier[o] + tile->bias[o];
  if (tile->residual != NULL) v = v + (float)tile->residual[pixel * tile->residual_stride + o] * tile->residual_gain;
  return v;
}

/// The block of 16 output channels that begins at channel `first` of a wider tile.
static inline drift_tile drift_tile_block(const drift_tile *tile, uint32_t first) {
  drift_tile block = *tile;
  block.columns = tile->columns - first < DRIFT_BLOCK_OUTPUTS ? tile->columns - first : DRIFT_BLOCK_OUTPUTS;
  block.offset += first;
  block.multiplier += first;
  block.bias += first;
  return block;
}

/// Where that block is stored: not for pairs.
static inline drift_destination drift_destination_block(const drift_destination *out, uint32_t first) {
  drift_destination block = *out;
  const size_t value_size = out->type == DRIFT_STORE_INT8 ? 1 : out->type == DRIFT_STORE_INT16 ? 2 : 4;
  block.base = (uint8_t *)out->base + first * value_size;
  return block;
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

/// The greatest magnitude that one event carries.
#define DRIFT_LARGEST_PAYLOAD 127

/// The most events of a list: as many as its record can count.
#define DRIFT_LONGEST_LIST 65535

/// Whether differences are sent whole or not at all, and there is room for `count` of them: then those that fit one event can be listed in
/// a row.
static inline int drift_sends_whole(const drift_sender *s, const drift_event_list *list, uint32_t count) {
  const int has_room = s->end >= count && s->next <= s->end - count && list->count <= DRIFT_LONGEST_LIST - count;
  return s->is_unit == 0 && has_room;
}

static inline void drift_add_magnitude(drift_event_list *list, uint32_t magnitude) {
  const uint32_t sum = list->magnitude + magnitude;
  list->magnitude = (uint16_t)(sum > 65535 ? 65535 : sum);
}

/// One neuron: compares its level with what it has sent, sends the difference or a part of it.
static inline void drift_send_one(
    drift_sender *s, drift_event_list *list, const int8_t *levels, int8_t *tracer, uint32_t c) {
  const uint32_t bias = s->bias;
  const int32_t target = (int8_t)(uint8_t)((uint8_t)levels[c] ^ bias), sent = (int8_t)(uint8_t)((uint8_t)tracer[c] ^ bias);
  const int32_t difference = target - sent;
  const uint32_t magnitude = (uint32_t)(difference < 0 ? -difference : difference);
  if (magnitude <= s->threshold) {
    s->distance += magnitude;
    return;
  }
  int32_t left = difference;
  if (s->is_unit) {
    left = difference < 0 ? -1 : 1;
    s->distance += magnitude - 1;
  }
  tracer[c] = (int8_t)(uint8_t)((uint8_t)(sent + left) ^ bias);
  s->changes++;
  while (left != 0) {
    const int32_t payload = left > DRIFT_LARGEST_PAYLOAD ? DRIFT_LARGEST_PAYLOAD : left < -DRIFT_LARGEST_PAYLOAD ? -DRIFT_LARGEST_PAYLOAD : left;
    left -= payload;
    if (s->next >= s->end || list->count == DRIFT_LONGEST_LIST) list->first = DRIFT_UNLISTED;
    if (list->count < DRIFT_LONGEST_LIST) list->count++;
    if (list->first == DRIFT_UNLISTED) continue;
    s->events[s->next++] = (drift_event){(uint16_t)c, (int16_t)payload};
    drift_add_magnitude(list, (uint32_t)(payload < 0 ? -payload : payload));
  }
}

/// Stores the list of a pixel.
static inline void drift_end_list(drift_sender *s, uint32_t pixel, drift_event_list *list) {
  if (list->first == DRIFT_UNLISTED) s->end = 0;
  s->lists[pixel] = *list;
}

// Kernels that every set without operand bias may take over as they are.
void drift_scalar_pack_keys(
    const int8_t *keys, size_t stride, uint32_t tokens, uint32_t depth, int8_t *packed, int32_t *row_sums);
void drift_scalar_pack_values(
    const int8_t *values, size_t stride, uint32_t tokens, uint32_t depth, int8_t *packed, int32_t *column_sums);
int32_t drift_scalar_exponentiate(
    const int32_t *logits, uint32_t tokens, float factor, const uint8_t *table, int8_t *probabilities);

#endif
