// 64-bit ARM without the dot product (Cortex-A53, A72) and 32-bit ARM with NEON, from one source.
#if defined(__aarch64__) || (defined(__arm__) && defined(__ARM_NEON))

#include <arm_neon.h>

#include "drift_neon.h"
#include "drift_scalar.h"

#define INLINE static inline __attribute__((always_inline))
/// Sums live in registers only if no loop over them is left.
#define UNROLL _Pragma("clang loop unroll(full)")

#if defined(__aarch64__)
enum { TILE_ROWS = 2, TILE_VECTORS = 8 };  // 16 of 32 registers are sums
#else
enum { TILE_ROWS = 2, TILE_VECTORS = 4 };  // half a block at a time: 8 of 16 registers
#endif

INLINE int8x8_t broadcast_word(const int8_t *bytes) { return vreinterpret_s8_s32(vdup_n_s32(drift_load_word(bytes))); }

/// Two rows by 2 * TILE_VECTORS outputs. Two products share an int16 lane before it is widened: 2 * 127 * 128 = 32512 fits, since
/// weights are never -128. A vector of sums holds two outputs in two parts each.
INLINE void multiply_part(
    const int8_t *const *rows, uint32_t taps, uint32_t blocks, const int8_t *weights, int32_t *sums) {
  int32x4_t sum[TILE_ROWS][TILE_VECTORS];
  for (int r = 0; r < TILE_ROWS; r++) {
    for (int v = 0; v < TILE_VECTORS; v++) sum[r][v] = vdupq_n_s32(0);
  }
  for (uint32_t t = 0; t < taps; t++, rows += TILE_ROWS) {
    const int8_t *x0 = rows[0], *x1 = rows[1];
    uint32_t b = 0;
    for (; b + 2 <= blocks; b += 2, x0 += 8, x1 += 8, weights += 128) {
      const int8x8_t a0 = broadcast_word(x0), b0 = broadcast_word(x0 + 4);
      const int8x8_t a1 = broadcast_word(x1), b1 = broadcast_word(x1 + 4);
      UNROLL
      for (int v = 0; v < TILE_VECTORS; v += 2) {
        const int8x16_t wa = vld1q_s8(weights + 8 * v), wb = vld1q_s8(weights + 64 + 8 * v);
        const int8x8_t wa0 = vget_low_s8(wa), wa1 = vget_high_s8(wa), wb0 = vget_low_s8(wb), wb1 = vget_high_s8(wb);
        sum[0][v] = vpadalq_s16(sum[0][v], vmlal_s8(vmull_s8(wa0, a0), wb0, b0));
        sum[1][v] = vpadalq_s16(sum[1][v], vmlal_s8(vmull_s8(wa0, a1), wb0, b1));
        sum[0][v + 1] = vpadalq_s16(sum[0][v + 1], vmlal_s8(vmull_s8(wa1, a0), wb1, b0));
        sum[1][v + 1] = vpadalq_s16(sum[1][v + 1], vmlal_s8(vmull_s8(wa1, a1), wb1, b1));
      }
    }
    if (b < blocks) {
      const int8x8_t a0 = broadcast_word(x0), a1 = broadcast_word(x1);
      UNROLL
      for (int v = 0; v < TILE_VECTORS; v++) {
        const int8x8_t wa = vld1_s8(weights + 8 * v);
        sum[0][v] = vpadalq_s16(sum[0][v], vmull_s8(wa, a0));
        sum[1][v] = vpadalq_s16(sum[1][v], vmull_s8(wa, a1));
      }
      weights += 64;
    }
  }
  for (int r = 0; r < TILE_ROWS; r++) {
    for (int v = 0; v < TILE_VECTORS; v++) {
      const int32x2_t pair = vpadd_s32(vget_low_s32(sum[r][v]), vget_high_s32(sum[r][v]));
      vst1_s32(sums + DRIFT_TILE_OUTPUTS * r + 2 * v, pair);
    }
  }
}

static void drift_gemm_s8_2x16_neon(
    const int8_t *const *rows, uint32_t taps, uint32_t blocks, const int8_t *weights, int32_t *sums) {
  for (int part = 0; part < 8 / TILE_VECTORS; part++) {
    multiply_part(rows, taps, blocks, weights + 8 * TILE_VECTORS * part, sums + 2 * TILE_VECTORS * part);
  }
}

INLINE int32x4_t round_to_even(float32x4_t v) {
#if defined(__aarch64__)
  return vcvtnq_s32_f32(v);
#else
  return vcvtq_s32_f32(vsubq_f32(vaddq_f32(v, vdupq_n_f32(DRIFT_ROUNDING_MAGIC)), vdupq_n_f32(DRIFT_ROUNDING_MAGIC)));
#endif
}

/// a * b + c in two roundings; the compiler is told not to fuse.
INLINE float32x4_t multiply_add(float32x4_t a, float32x4_t b, float32x4_t c) { return vaddq_f32(vmulq_f32(a, b), c); }

INLINE float32x4_t floats_of_4(const int16_t *q) { return vcvtq_f32_s32(vmovl_s16(vld1_s16(q))); }

/// A quantizer in registers.
typedef struct bounds {
  float32x4_t low, high;
  int32x4_t zero_point;
} bounds;

INLINE bounds bounds_of(const drift_quantizer *q) {
  return (bounds){vdupq_n_f32(q->low), vdupq_n_f32(q->high), vdupq_n_s32(q->zero_point)};
}

/// NaN becomes the lower bound.
INLINE float32x4_t clamp_4(float32x4_t v, float32x4_t low, float32x4_t high) {
#if defined(__aarch64__)
  return vminq_f32(vmaxnmq_f32(v, low), high);
#else
  return vminq_f32(vbslq_f32(vcgtq_f32(v, low), v, low), high);
#endif
}

INLINE int32x4_t quantized_4(const bounds *b, float32x4_t v) {
  return vaddq_s32(round_to_even(clamp_4(v, b->low, b->high)), b->zero_point);
}

INLINE void store_8_bytes(int8_t *out, int32x4_t first, int32x4_t second) {
  vst1_s8(out, vmovn_s16(vcombine_s16(vmovn_s32(first), vmovn_s32(second))));
}

/// Stores 8 values.
INLINE void store_8(const drift_destination *out, uint32_t type, const bounds *b, size_t index, float32x4_t v0, float32x4_t v1) {
  if (type == DRIFT_STORE_FLOAT) {
    vst1q_f32((float *)out->base + index, v0);
    vst1q_f32((float *)out->base + index + 4, v1);
    return;
  }
  const int32x4_t q0 = quantized_4(b, v0), q1 = quantized_4(b, v1);
  if (type == DRIFT_STORE_INT16) {
    vst1q_s16((int16_t *)out->base + index, vcombine_s16(vmovn_s32(q0), vmovn_s32(q1)));
  } else if (type == DRIFT_STORE_INT8) {
    store_8_bytes((int8_t *)out->base + index, q0, q1);
  } else {
    const int32x4_t low0 = vshrq_n_s32(vshlq_n_s32(q0, 24), 24), low1 = vshrq_n_s32(vshlq_n_s32(q1, 24), 24);
    store_8_bytes((int8_t *)out->base + index, vshrq_n_s32(vsubq_s32(q0, low0), 8), vshrq_n_s32(vsubq_s32(q1, low1), 8));
    store_8_bytes(out->low + index, low0, low1);
  }
}

/// Outputs o ... o + 3 of a pixel of a tile.
INLINE float32x4_t tile_values_4(const int32_t *sums, const drift_tile *tile, uint32_t pixel, uint32_t o) {
  float32x4_t v;
  if (tile->pair) {
    const float32x4_t high = vcvtq_f32_s32(vld1q_s32(sums + 32 * pixel + o));
    v = multiply_add(high, vdupq_n_f32(256.0f), vcvtq_f32_s32(vld1q_s32(sums + 32 * pixel + 16 + o)));
  } else {
    v = vcvtq_f32_s32(vaddq_s32(vld1q_s32(sums + 16 * pixel + o), vld1q_s32(tile->offset + o)));
  }
  v = multiply_add(v, vld1q_f32(tile->multiplier + o), vld1q_f32(tile->bias + o));
  if (tile->residual != NULL) {
    const float32x4_t residual = floats_of_4(tile->residual + pixel * tile->residual_stride + o);
    v = vaddq_f32(v, vmulq_f32(residual, vdupq_n_f32(tile->residual_gain)));
  }
  return v;
}

INLINE void store_tile(const int32_t *sums, const drift_tile *tile, const drift_destination *out, uint32_t type) {
  const bounds b = bounds_of(&out->quantizer);
  for (uint32_t pixel = 0; pixel < tile->pixels; pixel++) {
    uint32_t o = 0;
    for (; o + 8 <= tile->columns; o += 8) {
      const float32x4_t v0 = tile_values_4(sums, tile, pixel, o), v1 = tile_values_4(sums, tile, pixel, o + 4);
      store_8(out, type, &b, pixel * out->stride + o, v0, v1);
    }
    for (; o < tile->columns; o++) drift_store(out, type, pixel * out->stride + o, drift_tile_value(sums, tile, pixel, o));
  }
}

void drift_store_tile_neon(const int32_t *sums, const drift_tile *tile, const drift_destination *out) {
  switch (out->type) {
    case DRIFT_STORE_INT8: store_tile(sums, tile, out, DRIFT_STORE_INT8); break;
    case DRIFT_STORE_INT16: store_tile(sums, tile, out, DRIFT_STORE_INT16); break;
    default: store_tile(sums, tile, out, DRIFT_STORE_FLOAT); break;
  }
}

INLINE void channel_sums_8(const int16_t *x, size_t stride, uint32_t pixels, int64_t *sum, int64_t *square_sum) {
  int32x4_t s[2];
  int64x2_t squares[4];
  for (int i = 0; i < 2; i++) s[i] = vdupq_n_s32(0);
  for (int i = 0; i < 4; i++) squares[i] = vdupq_n_s64(0);
  for (uint32_t pixel = 0; pixel < pixels; pixel++, x += stride) {
    const int16x8_t q = vld1q_s16(x);
    const int16x4_t halves[2] = {vget_low_s16(q), vget_high_s16(q)};
    for (int i = 0; i < 2; i++) {
      s[i] = vaddw_s16(s[i], halves[i]);
      const int32x4_t square = vmull_s16(halves[i], halves[i]);
      squares[2 * i] = vaddw_s32(squares[2 * i], vget_low_s32(square));
      squares[2 * i + 1] = vaddw_s32(squares[2 * i + 1], vget_high_s32(square));
    }
  }
  for (int i = 0; i < 4; i++) {
    const int32x2_t pair = i % 2 == 0 ? vget_low_s32(s[i / 2]) : vget_high_s32(s[i / 2]);
    vst1q_s64(sum + 2 * i, vaddw_s32(vld1q_s64(sum + 2 * i), pair));
    vst1q_s64(square_sum + 2 * i, vaddq_s64(vld1q_s64(square_sum + 2 * i), squares[i]));
  }
}

void drift_channel_sums_neon(
    const int16_t *x, size_t stride, uint32_t pixels, uint32_t channels, int64_t *sum, int64_t *square_sum) {
  uint32_t c = 0;
  for (; c + 8 <= channels; c += 8) channel_sums_8(x + c, stride, pixels, sum + c, square_sum + c);
  if (c < channels) drift_kernels_scalar()->channel_sums(x + c, stride, pixels, channels - c, sum + c, square_sum + c);
}

INLINE float32x4_t activate_4(float32x4_t y, uint32_t activation, const float *table) {
  if (activation == 0) return y;
  const float32x4_t positive = vmaxq_f32(y, vdupq_n_f32(0.0f));
  if (activation == 1) return positive;
  const int32x4_t index = round_to_even(
      clamp_4(vmulq_f32(y, vdupq_n_f32(128.0f)), vdupq_n_f32(-1024.0f), vdupq_n_f32(1023.0f)));
  const float *origin = table + 1024;
  float32x4_t entry = vdupq_n_f32(origin[vgetq_lane_s32(index, 0)]);
  entry = vsetq_lane_f32(origin[vgetq_lane_s32(index, 1)], entry, 1);
  entry = vsetq_lane_f32(origin[vgetq_lane_s32(index, 2)], entry, 2);
  entry = vsetq_lane_f32(origin[vgetq_lane_s32(index, 3)], entry, 3);
  return vsubq_f32(positive, entry);
}

INLINE float32x4_t transformed_4(const int16_t *x, uint32_t c, const drift_transform *t, uint32_t activation) {
  const float32x4_t y = multiply_add(floats_of_4(x + c), vld1q_f32(t->scale + c), vld1q_f32(t->shift + c));
  return vmulq_f32(activate_4(y, activation, t->table), vdupq_n_f32(t->inverse));
}

INLINE void transform(
    const int16_t *x, size_t stride, uint32_t pixels, uint32_t channels, const drift_transform *t, const drift_destination *out,
    uint32_t type, uint32_t activation) {
  const bounds b = bounds_of(&out->quantizer);
  for (uint32_t pixel = 0; pixel < pixels; pixel++, x += stride) {
    const size_t index = pixel * out->stride;
    uint32_t c = 0;
    for (; c + 8 <= channels; c += 8) {
      store_8(out, type, &b, index + c, transformed_4(x, c, t, activation), transformed_4(x, c + 4, t, activation));
    }
    for (; c < channels; c++) drift_store(out, type, index + c, drift_transformed(x[c], t->scale[c], t->shift[c], t));
  }
}

void drift_transform_neon(
    const int16_t *x, size_t stride, uint32_t pixels, uint32_t channels, const drift_transform *t,
    const drift_destination *out) {
  const uint32_t activation = t->activation;
  switch (out->type) {
    case DRIFT_STORE_INT8:
      if (activation == 2) transform(x, stride, pixels, channels, t, out, DRIFT_STORE_INT8, 2);
      else transform(x, stride, pixels, channels, t, out, DRIFT_STORE_INT8, activation);
      break;
    case DRIFT_STORE_INT16: transform(x, stride, pixels, channels, t, out, DRIFT_STORE_INT16, activation); break;
    default: transform(x, stride, pixels, channels, t, out, DRIFT_STORE_PAIR, activation); break;
  }
}

void drift_rescale_neon(
    const int16_t *x, size_t stride, uint32_t rows, uint32_t columns, float factor, const drift_destination *out) {
  const bounds b = bounds_of(&out->quantizer);
  const float32x4_t f = vdupq_n_f32(factor);
  for (uint32_t row = 0; row < rows; row++, x += stride) {
    const size_t index = row * out->stride;
    uint32_t c = 0;
    for (; c + 8 <= columns; c += 8) {
      store_8(out, out->type, &b, index + c, vmulq_f32(floats_of_4(x + c), f), vmulq_f32(floats_of_4(x + c + 4), f));
    }
    for (; c < columns; c++) drift_store(out, out->type, index + c, (float)x[c] * factor);
  }
}

void drift_quantize_neon(
    const float *x, size_t stride, uint32_t rows, uint32_t columns, float factor, const drift_destination *out) {
  const bounds b = bounds_of(&out->quantizer);
  const float32x4_t f = vdupq_n_f32(factor);
  for (uint32_t row = 0; row < rows; row++, x += stride) {
    const size_t index = row * out->stride;
    uint32_t c = 0;
    for (; c + 8 <= columns; c += 8) {
      store_8(out, out->type, &b, index + c, vmulq_f32(vld1q_f32(x + c), f), vmulq_f32(vld1q_f32(x + c + 4), f));
    }
    for (; c < columns; c++) drift_store(out, out->type, index + c, x[c] * factor);
  }
}

void drift_add_neon(const int16_t *a, const int16_t *b, size_t count, float factor_a, float factor_b, int16_t *out) {
  const drift_destination destination = {.base = out, .type = DRIFT_STORE_INT16, .quantizer = {-32767.0f, 32767.0f, 0}};
  const bounds limits = bounds_of(&destination.quantizer);
  const float32x4_t fa = vdupq_n_f32(factor_a), fb = vdupq_n_f32(factor_b);
  size_t i = 0;
  for (; i + 8 <= count; i += 8) {
    const float32x4_t v0 = multiply_add(floats_of_4(a + i), fa, vmulq_f32(floats_of_4(b + i), fb));
    const float32x4_t v1 = multiply_add(floats_of_4(a + i + 4), fa, vmulq_f32(floats_of_4(b + i + 4), fb));
    store_8(&destination, DRIFT_STORE_INT16, &limits, i, v0, v1);
  }
  for (; i < count; i++) {
    drift_store(&destination, DRIFT_STORE_INT16, i, (float)a[i] * factor_a + (float)b[i] * factor_b);
  }
}

void drift_average_rows_neon(
    const int16_t *top, const int16_t *bottom, uint32_t width, size_t stride, float factor, int16_t *out) {
  const drift_destination destination = {.base = out, .type = DRIFT_STORE_INT16, .quantizer = {-32767.0f, 32767.0f, 0}};
  const bounds limits = bounds_of(&destination.quantizer);
  const float32x4_t f = vdupq_n_f32(factor);
  for (uint32_t x = 0; x < width; x++, top += 2 * stride, bottom += 2 * stride) {
    size_t c = 0;
    for (; c + 8 <= stride; c += 8) {
      float32x4_t v[2];
      for (int i = 0; i < 2; i++) {
        const size_t k = c + 4 * (size_t)i;
        const int32x4_t total = vaddq_s32(
            vaddl_s16(vld1_s16(top + k), vld1_s16(top + stride + k)), vaddl_s16(vld1_s16(bottom + k), vld1_s16(bottom + stride + k)));
        v[i] = vmulq_f32(vcvtq_f32_s32(total), f);
      }
      store_8(&destination, DRIFT_STORE_INT16, &limits, x * stride + c, v[0], v[1]);
    }
    for (; c < stride; c++) {
      const int32_t total = top[c] + top[stride + c] + bottom[c] + bottom[stride + c];
      drift_store(&destination, DRIFT_STORE_INT16, x * stride + c, (float)total * factor);
    }
  }
}

void drift_store_attention_neon(
    const int32_t *sums, uint32_t rows, uint32_t columns, const int32_t *column_sums, const float *factors,
    const drift_destination *out) {
  const bounds b = bounds_of(&out->quantizer);
  for (uint32_t row = 0; row < rows; row++, sums += DRIFT_TILE_OUTPUTS) {
    const float32x4_t factor = vdupq_n_f32(factors[row]);
    uint32_t c = 0;
    for (; c + 8 <= columns; c += 8) {
      float32x4_t v[2];
      for (uint32_t i = 0; i < 2; i++) {
        const int32x4_t sum = vaddq_s32(vld1q_s32(sums + c + 4 * i), vshlq_n_s32(vld1q_s32(column_sums + c + 4 * i), 7));
        v[i] = vmulq_f32(vcvtq_f32_s32(sum), factor);
      }
      store_8(out, DRIFT_STORE_INT8, &b, row * out->stride + c, v[0], v[1]);
    }
    for (; c < columns; c++) {
      drift_store(out, DRIFT_STORE_INT8, row * out->stride + c, (float)(sums[c] + 128 * column_sums[c]) * factors[row]);
    }
  }
}

/// SMULL, SMLAL and SADALP, as the matrix product uses them.
static uint64_t drift_peak_neon(uint32_t iterations) {
  enum { CHAINS = 8 };
  int8x8_t x = vdup_n_s8(3), w = vdup_n_s8(5);
  int32x4_t sum[CHAINS];
  for (int k = 0; k < CHAINS; k++) sum[k] = vdupq_n_s32(0);
  for (uint32_t i = 0; i < iterations; i++) {
    for (int k = 0; k < CHAINS; k++) {
      __asm__ volatile("" : "+w"(x));
      const int16x8_t products = vmull_s8(x, w);
      __asm__ volatile("" : "+w"(x));
      sum[k] = vpadalq_s16(sum[k], vmlal_s8(products, x, w));
    }
  }
  for (int k = 0; k < CHAINS; k++) __asm__ volatile("" ::"w"(sum[k]));
  return (uint64_t)iterations * CHAINS * 16;
}

const drift_kernel_set *drift_kernels_neon(void) {
  static const drift_kernel_set set = {
      .name = "neon",
      .tile_rows = TILE_ROWS,
      .multiply = drift_gemm_s8_2x16_neon,
      DRIFT_NEON_ELEMENTWISE,
      .peak = drift_peak_neon,
  };
  return &set;
}

#endif
