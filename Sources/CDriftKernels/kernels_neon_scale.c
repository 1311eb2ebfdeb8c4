// Kernels that multiply by a factor and store, for every ARM set: rescale, quantize, add, average.
#if defined(__aarch64__) || (defined(__arm__) && defined(__ARM_NEON))

#include "drift_neon.h"
#include "drift_neon_store.h"

static const drift_quantizer int16_quantizer = {-32767.0f, 32767.0f, 0};

INLINE values scaled(values x, float32x4_t factor, const int vectors) {
  UNROLL
  for (int i = 0; i < vectors; i++) x.v[i] = vmulq_f32(x.v[i], factor);
  return x;
}

INLINE void rescale(
    const int16_t *x, size_t stride, uint32_t rows, uint32_t columns, float factor, const drift_destination *out,
    const uint32_t type) {
  const bounds b = bounds_of(&out->quantizer);
  const float32x4_t f = vdupq_n_f32(factor);
  const drift_destination target = *out;  // a copy that no store can change
  for (uint32_t row = 0; row < rows; row++, x += stride) {
    const size_t index = row * target.stride;
    size_t c = 0;
    for (; c + 16 <= columns; c += 16) {
      const values v = scaled(floats_of(x + c, 4), f, 4);
      store_values(&target, type, &b, index + c, &v, 4);
    }
    for (; c + 8 <= columns; c += 8) {
      const values v = scaled(floats_of(x + c, 2), f, 2);
      store_values(&target, type, &b, index + c, &v, 2);
    }
    for (; c < columns; c++) drift_store(&target, target.type, index + c, (float)x[c] * factor);
  }
}

void drift_rescale_neon(
    const int16_t *x, size_t stride, uint32_t rows, uint32_t columns, float factor, const drift_destination *out) {
  if (is_whole_int16(out)) rescale(x, stride, rows, columns, factor, out, STORE_WHOLE_INT16);
  else if (out->type == DRIFT_STORE_INT8) rescale(x, stride, rows, columns, factor, out, DRIFT_STORE_INT8);
  else rescale(x, stride, rows, columns, factor, out, out->type);
}

void drift_quantize_neon(
    const float *x, size_t stride, uint32_t rows, uint32_t columns, float factor, const drift_destination *out) {
  const bounds b = bounds_of(&out->quantizer);
  const float32x4_t f = vdupq_n_f32(factor);
  for (uint32_t row = 0; row < rows; row++, x += stride) {
    const size_t index = row * out->stride;
    uint32_t c = 0;
    for (; c + 8 <= columns; c += 8) {
      const values v = {{vmulq_f32(vld1q_f32(x + c), f), vmulq_f32(vld1q_f32(x + c + 4), f)}};
      store_values(out, out->type, &b, index + c, &v, 2);
    }
    for (; c < columns; c++) drift_store(out, out->type, index + c, x[c] * factor);
  }
}

void drift_add_neon(const int16_t *a, const int16_t *b, size_t count, float factor_a, float factor_b, int16_t *out) {
  const drift_destination destination = {.base = out, .type = DRIFT_STORE_INT16, .quantizer = int16_quantizer};
  const bounds limits = bounds_of(&int16_quantizer);
  const float32x4_t fa = vdupq_n_f32(factor_a), fb = vdupq_n_f32(factor_b);
  size_t i = 0;
  for (; i + 16 <= count; i += 16) {
    values v = floats_of(a + i, 4);
    const values other = scaled(floats_of(b + i, 4), fb, 4);
    UNROLL
    for (int k = 0; k < 4; k++) v.v[k] = multiply_add(v.v[k], fa, other.v[k]);
    store_values(&destination, STORE_WHOLE_INT16, &limits, i, &v, 4);
  }
  for (; i < count; i++) {
    drift_store(&destination, DRIFT_STORE_INT16, i, (float)a[i] * factor_a + (float)b[i] * factor_b);
  }
}

void drift_average_rows_neon(
    const int16_t *top, const int16_t *bottom, uint32_t width, size_t stride, float factor, int16_t *out) {
  const drift_destination destination = {.base = out, .type = DRIFT_STORE_INT16, .quantizer = int16_quantizer};
  const bounds limits = bounds_of(&int16_quantizer);
  const float32x4_t f = vdupq_n_f32(factor);
  for (uint32_t x = 0; x < width; x++, top += 2 * stride, bottom += 2 * stride) {
    size_t c = 0;
    for (; c + 8 <= stride; c += 8) {
      const int16x8_t q00 = vld1q_s16(top + c), q01 = vld1q_s16(top + stride + c);
      const int16x8_t q10 = vld1q_s16(bottom + c), q11 = vld1q_s16(bottom + stride + c);
      int32x4_t low = vaddl_s16(vget_low_s16(q00), vget_low_s16(q01)), high = vaddl_s16(vget_high_s16(q00), vget_high_s16(q01));
      low = vaddw_s16(vaddw_s16(low, vget_low_s16(q10)), vget_low_s16(q11));
      high = vaddw_s16(vaddw_s16(high, vget_high_s16(q10)), vget_high_s16(q11));
      const values v = {{vmulq_f32(vcvtq_f32_s32(low), f), vmulq_f32(vcvtq_f32_s32(high), f)}};
      store_values(&destination, STORE_WHOLE_INT16, &limits, x * stride + c, &v, 2);
    }
    for (; c < stride; c++) {
      const int32_t total = top[c] + top[stride + c] + bottom[c] + bottom[stride + c];
      drift_store(&destination, DRIFT_STORE_INT16, x * stride + c, (float)total * factor);
    }
  }
}

#endif
