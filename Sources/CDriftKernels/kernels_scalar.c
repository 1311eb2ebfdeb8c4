// Plain C for every CPU, written to be read: the definition of what each kernel computes.
#include "drift_scalar.h"

// Nothing here is meant to be fast, and every program carries it.
#pragma clang attribute push(__attribute__((minsize)), apply_to = function)

enum { TILE_ROWS = 4 };

static void drift_tile_sums_scalar(const int8_t *const *rows, const int8_t *weights, const drift_tile *tile, int32_t *sums) {
  memset(sums, 0, sizeof(int32_t) * TILE_ROWS * DRIFT_BLOCK_OUTPUTS);
  for (uint32_t t = 0; t < tile->taps; t++) {
    for (uint32_t word = 0; word < tile->words; word++, weights += 64) {
      for (uint32_t r = 0; r < TILE_ROWS; r++) {
        const int8_t *x = rows[t * TILE_ROWS + r] + 4 * word;
        for (uint32_t o = 0; o < DRIFT_BLOCK_OUTPUTS; o++) {
          const int8_t *w = weights + 4 * o;
          sums[r * DRIFT_BLOCK_OUTPUTS + o] += x[0] * w[0] + x[1] * w[1] + x[2] * w[2] + x[3] * w[3];
        }
      }
    }
  }
}

static void drift_store_tile_scalar(const int32_t *sums, const drift_tile *tile, const drift_destination *out) {
  for (uint32_t pixel = 0; pixel < tile->pixels; pixel++) {
    for (uint32_t o = 0; o < tile->columns; o++) {
      const size_t index = pixel * out->stride + o;
      if (out->type == DRIFT_STORE_SUMS) {
        ((int32_t *)out->base)[index] = drift_sum(tile->offset[o], sums[pixel * DRIFT_BLOCK_OUTPUTS + o]);
      } else {
        drift_store(out, out->type, index, drift_tile_value(sums, DRIFT_BLOCK_OUTPUTS, tile, pixel, o));
      }
    }
  }
}

static void drift_tile_s8_4x16_scalar(
    const int8_t *const *rows, const int8_t *weights, const drift_tile *tile, const drift_destination *out) {
  int32_t sums[TILE_ROWS * DRIFT_BLOCK_OUTPUTS];
  drift_tile_sums_scalar(rows, weights, tile, sums);
  drift_store_tile_scalar(sums, tile, out);
}

static void drift_depthwise_scalar(
    const int8_t *const *rows, const int8_t *weights, const drift_tile *tile, const drift_destination *out) {
  const size_t channels = (tile->columns + 15) / 16 * 16;
  for (uint32_t first = 0; first < tile->columns; first += DRIFT_BLOCK_OUTPUTS) {
    int32_t sums[TILE_ROWS * DRIFT_BLOCK_OUTPUTS] = {0};
    for (uint32_t t = 0; t < tile->taps; t++) {
      for (uint32_t r = 0; r < TILE_ROWS; r++) {
        const int8_t *x = rows[t * TILE_ROWS + r] + first, *w = weights + t * channels + first;
        for (uint32_t c = 0; c < DRIFT_BLOCK_OUTPUTS; c++) sums[r * DRIFT_BLOCK_OUTPUTS + c] += x[c] * w[c];
      }
    }
    const drift_tile block = drift_tile_block(tile, first);
    const drift_destination target = drift_destination_block(out, first);
    drift_store_tile_scalar(sums, &block, &target);
  }
}

static void drift_channel_sums_scalar(
    const int16_t *x, size_t stride, uint32_t pixels, uint32_t channels, int64_t *sum, int64_t *square_sum) {
  for (uint32_t pixel = 0; pixel < pixels; pixel++, x += stride) {
    for (uint32_t c = 0; c < channels; c++) {
      sum[c] += x[c];
      square_sum[c] += x[c] * x[c];
    }
  }
}

static void drift_transform_scalar(
    const int16_t *x, size_t stride, uint32_t pixels, uint32_t channels, const drift_transform *transform,
    const drift_destination *out) {
  for (uint32_t pixel = 0; pixel < pixels; pixel++) {
    for (uint32_t c = 0; c < channels; c++) {
      float v = drift_transformed(x[pixel * stride + c], transform->scale[c], transform->shift[c], transform);
      drift_store(out, out->type, pixel * out->stride + c, v);
    }
  }
}

static void drift_rescale_scalar(
    const int16_t *x, size_t stride, uint32_t rows, uint32_t columns, float factor, const drift_destination *out) {
  for (uint32_t row = 0; row < rows; row++) {
    for (uint32_t c = 0; c < columns; c++) {
      drift_store(out, out->type, row * out->stride + c, (float)x[row * stride + c] * factor);
    }
  }
}

static void drift_quantize_scalar(
    const float *x, size_t stride, uint32_t rows, uint32_t columns, float factor, const drift_destination *out) {
  for (uint32_t row = 0; row < rows; row++) {
    for (uint32_t c = 0; c < columns; c++) {
      drift_store(out, out->type, row * out->stride + c, x[row * stride + c] * factor);
    }
  }
}

static void drift_add_scalar(
    const int16_t *a, const int16_t *b, size_t count, float factor_a, float factor_b, int16_t *out) {
  for (size_t i = 0; i < count; i++) {
    out[i] = (int16_t)drift_rne(drift_clamp((float)a[i] * factor_a + (float)b[i] * factor_b, -32767.0f, 32767.0f));
  }
}

static void drift_average_rows_scalar(
    const int16_t *top, const int16_t *bottom, uint32_t width, size_t stride, float factor, int16_t *out) {
  for (uint32_t x = 0; x < width; x++, top += 2 * stride, bottom += 2 * stride, out += stride) {
    for (size_t c = 0; c < stride; c++) {
      int32_t total = top[c] + top[stride + c] + bottom[c] + bottom[stride + c];
      out[c] = (int16_t)drift_rne(drift_clamp((float)total * factor, -32767.0f, 32767.0f));
    }
  }
}

void drift_scalar_pack_keys(
    const int8_t *keys, size_t stride, uint32_t tokens, uint32_t depth, int8_t *packed, int32_t *row_sums) {
  uint32_t words = (depth + 3) / 4, rows = (tokens + 15) / 16 * 16;
  memset(packed, 0, (size_t)rows * words * 4);
  memset(row_sums, 0, sizeof(int32_t) * rows);
  for (uint32_t token = 0; token < tokens; token++) {
    for (uint32_t c = 0; c < depth; c++) {
      packed[drift_packed_index(token, c, words)] = keys[token * stride + c];
      row_sums[token] += keys[token * stride + c];
    }
  }
}

void drift_scalar_pack_values(
    const int8_t *values, size_t stride, uint32_t tokens, uint32_t depth, int8_t *packed, int32_t *column_sums) {
  uint32_t blocks = (tokens + 3) / 4, columns = (depth + 15) / 16 * 16;
  memset(packed, 0, (size_t)columns * blocks * 4);
  memset(column_sums, 0, sizeof(int32_t) * columns);
  for (uint32_t token = 0; token < tokens; token++) {
    for (uint32_t c = 0; c < depth; c++) {
      packed[drift_packed_index(c, token, blocks)] = values[token * stride + c];
      column_sums[c] += values[token * stride + c];
    }
  }
}

int32_t drift_scalar_exponentiate(
    const int32_t *logits, uint32_t tokens, float factor, const uint8_t *table, int8_t *probabilities) {
  int32_t maximum = logits[0], total = 0;
  for (uint32_t j = 0; j < tokens; j++) maximum = logits[j] > maximum ? logits[j] : maximum;
  for (uint32_t j = 0; j < tokens; j++) {
    float distance = (float)(maximum - logits[j]) * factor;
    int32_t p = table[drift_rne(distance < 2047.0f ? distance : 2047.0f)];
    probabilities[j] = (int8_t)(p - 128);
    total += p;
  }
  for (uint32_t j = tokens; j % 4 != 0; j++) probabilities[j] = 0;
  return total;
}

static void drift_send_scalar(drift_sender *s) {
  const int8_t *levels = s->levels;
  int8_t *tracer = s->tracer;
  for (uint32_t pixel = 0; pixel < s->pixels; pixel++, levels += s->stride, tracer += s->stride) {
    drift_event_list list = {s->next, 0, 0};
    for (uint32_t c = 0; c < s->channels; c++) drift_send_one(s, &list, levels, tracer, c);
    drift_end_list(s, pixel, &list);
  }
}

static void drift_integrate_scalar(
    const drift_run *runs, uint32_t count, uint32_t blocks, size_t row_bytes, int32_t *membrane, size_t block_stride) {
  for (uint32_t r = 0; r < count; r++) {
    for (uint32_t i = 0; i < runs[r].count; i++) {
      const drift_event event = runs[r].events[i];
      for (uint32_t o = 0; o < DRIFT_BLOCK_OUTPUTS * blocks; o++) {
        membrane[o / 16 * block_stride + o % 16] += event.payload * runs[r].rows[event.channel * row_bytes + o];
      }
    }
  }
}

static uint64_t drift_peak_scalar(uint32_t iterations) {
  enum { CHAINS = 8 };
  int32_t x = 3, sum[CHAINS] = {0};
  for (uint32_t i = 0; i < iterations; i++) {
    for (int k = 0; k < CHAINS; k++) {
      __asm__ volatile("" : "+r"(x));
      sum[k] += x * 5;
    }
    for (int k = 0; k < CHAINS; k++) __asm__ volatile("" : "+r"(sum[k]));
  }
  return (uint64_t)iterations * CHAINS;
}

const drift_kernel_set *drift_kernels_scalar(void) {
  static const drift_kernel_set set = {
      .name = "scalar",
      .tile_rows = TILE_ROWS,
      .tile_blocks = 1,
      .operand_bias = 0,
      .multiply = drift_tile_s8_4x16_scalar,
      .channel_sums = drift_channel_sums_scalar,
      .transform = drift_transform_scalar,
      .rescale = drift_rescale_scalar,
      .quantize = drift_quantize_scalar,
      .add = drift_add_scalar,
      .average_rows = drift_average_rows_scalar,
      .pack_keys = drift_scalar_pack_keys,
      .pack_values = drift_scalar_pack_values,
      .exponentiate = drift_scalar_exponentiate,
      .depthwise = drift_depthwise_scalar,
      .send = drift_send_scalar,
      .integrate = drift_integrate_scalar,
      .settle = drift_store_tile_scalar,
      .peak = drift_peak_scalar,
  };
  return &set;
}

#pragma clang attribute pop
