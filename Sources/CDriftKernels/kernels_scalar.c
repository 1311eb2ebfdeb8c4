// Plain C for every CPU, written to be read: the definition of what each kernel computes.
#include "drift_scalar.h"

enum { TILE_ROWS = 4 };

static void drift_gemm_s8_4x16_scalar(
    const int8_t *const *rows, uint32_t taps, uint32_t blocks, const int8_t *weights, int32_t *sums) {
  memset(sums, 0, sizeof(int32_t) * TILE_ROWS * DRIFT_TILE_OUTPUTS);
  for (uint32_t t = 0; t < taps; t++) {
    for (uint32_t b = 0; b < blocks; b++, weights += 64) {
      for (uint32_t r = 0; r < TILE_ROWS; r++) {
        const int8_t *x = rows[t * TILE_ROWS + r] + 4 * b;
        for (uint32_t o = 0; o < DRIFT_TILE_OUTPUTS; o++) {
          const int8_t *w = weights + 4 * o;
          sums[r * DRIFT_TILE_OUTPUTS + o] += x[0] * w[0] + x[1] * w[1] + x[2] * w[2] + x[3] * w[3];
        }
      }
    }
  }
}

static void drift_store_tile_scalar(const int32_t *sums, const drift_tile *tile, const drift_destination *out) {
  for (uint32_t pixel = 0; pixel < tile->pixels; pixel++) {
    for (uint32_t o = 0; o < tile->columns; o++) {
      drift_store(out, out->type, pixel * out->stride + o, drift_tile_value(sums, tile, pixel, o));
    }
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

void drift_scalar_pack_keys(const int8_t *keys, size_t stride, uint32_t tokens, uint32_t depth, int8_t *packed) {
  uint32_t blocks = (depth + 3) / 4;
  memset(packed, 0, (size_t)((tokens + 15) / 16) * blocks * 64);
  for (uint32_t token = 0; token < tokens; token++) {
    for (uint32_t c = 0; c < depth; c++) packed[drift_packed_index(token, c, blocks)] = keys[token * stride + c];
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
    const int32_t *logits, size_t block_stride, uint32_t tokens, float factor, const uint8_t *table, int8_t *probabilities) {
  int32_t maximum = logits[0], total = 0;
  for (uint32_t j = 0; j < tokens; j++) {
    int32_t l = logits[(j / 16) * block_stride + j % 16];
    maximum = l > maximum ? l : maximum;
  }
  for (uint32_t j = 0; j < tokens; j++) {
    float distance = (float)(maximum - logits[(j / 16) * block_stride + j % 16]) * factor;
    int32_t p = table[drift_rne(distance < 2047.0f ? distance : 2047.0f)];
    probabilities[j] = (int8_t)(p - 128);
    total += p;
  }
  for (uint32_t j = tokens; j % 4 != 0; j++) probabilities[j] = 0;
  return total;
}

static void drift_store_attention_scalar(
    const int32_t *sums, uint32_t rows, uint32_t columns, const int32_t *column_sums, const float *factors,
    const drift_destination *out) {
  for (uint32_t row = 0; row < rows; row++) {
    for (uint32_t c = 0; c < columns; c++) {
      float v = (float)(sums[row * DRIFT_TILE_OUTPUTS + c] + 128 * column_sums[c]) * factors[row];
      drift_store(out, DRIFT_STORE_INT8, row * out->stride + c, v);
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
      .multiply = drift_gemm_s8_4x16_scalar,
      .store_tile = drift_store_tile_scalar,
      .channel_sums = drift_channel_sums_scalar,
      .transform = drift_transform_scalar,
      .rescale = drift_rescale_scalar,
      .quantize = drift_quantize_scalar,
      .add = drift_add_scalar,
      .average_rows = drift_average_rows_scalar,
      .pack_keys = drift_scalar_pack_keys,
      .pack_values = drift_scalar_pack_values,
      .exponentiate = drift_scalar_exponentiate,
      .store_attention = drift_store_attention_scalar,
      .peak = drift_peak_scalar,
  };
  return &set;
}
