// The affine map and activation of a normalization, for every ARM set.
#if defined(__aarch64__) || (defined(__arm__) && defined(__ARM_NEON))

#include "drift_neon.h"
#include "drift_neon_store.h"

/// Pixels that pass one block of channels while its scales stay in registers and the pixels in the first cache.
enum { STRIP_PIXELS = 16 };

/// A transform and its destination's quantizer in registers.
typedef struct constants {
  float32x4_t inverse;
  float32x4_t bump[6];  // limit and coefficients
  bounds limits;
} constants;

INLINE float32x4_t smaller(float32x4_t v, float32x4_t limit) {
#if defined(__aarch64__)
  return vminnmq_f32(v, limit);
#else
  return vbslq_f32(vcltq_f32(v, limit), v, limit);
#endif
}

/// drift_bump, in the same order.
INLINE float32x4_t bump_4(float32x4_t y, const constants *k) {
  const float32x4_t u = smaller(vabsq_f32(y), k->bump[0]);
  float32x4_t p = multiply_add(k->bump[5], u, k->bump[4]);
  p = multiply_add(p, u, k->bump[3]);
  p = multiply_add(p, u, k->bump[2]);
  p = multiply_add(p, u, k->bump[1]);
  p = vmulq_f32(p, p);
  p = vmulq_f32(p, p);
  p = vmulq_f32(p, p);
  return vmulq_f32(p, u);
}

INLINE float32x4_t table_4(float32x4_t y, const float *table) {
  const int32x4_t index = round_to_even(
      clamp_4(vmulq_f32(y, vdupq_n_f32(128.0f)), vdupq_n_f32(-1024.0f), vdupq_n_f32(1023.0f)));
  const float *origin = table + 1024;
  float32x4_t entry = vdupq_n_f32(origin[vgetq_lane_s32(index, 0)]);
  entry = vsetq_lane_f32(origin[vgetq_lane_s32(index, 1)], entry, 1);
  entry = vsetq_lane_f32(origin[vgetq_lane_s32(index, 2)], entry, 2);
  return vsetq_lane_f32(origin[vgetq_lane_s32(index, 3)], entry, 3);
}

INLINE float32x4_t activate_4(float32x4_t y, uint32_t activation, const constants *k, const float *table) {
  if (activation == 0) return y;
  const float32x4_t positive = at_least(y, vdupq_n_f32(0.0f));
  if (activation == 1) return positive;
  return vsubq_f32(positive, activation == 3 ? bump_4(y, k) : table_4(y, table));
}

/// 4 * `vectors` channels of a strip of pixels.
INLINE void transform_block(
    const int16_t *x, size_t stride, uint32_t pixels, const float *scale, const float *shift, const float *table,
    const constants *k, const drift_destination *out, size_t index, const uint32_t type, uint32_t activation, const int vectors) {
  float32x4_t a[4], b[4];
  UNROLL
  for (int i = 0; i < vectors; i++) {
    a[i] = vld1q_f32(scale + 4 * i);
    b[i] = vld1q_f32(shift + 4 * i);
  }
  const drift_destination target = *out;  // a copy that no store can change
  for (uint32_t pixel = 0; pixel < pixels; pixel++, x += stride, index += target.stride) {
    values y = floats_of(x, vectors);
    UNROLL
    for (int i = 0; i < vectors; i++) {
      y.v[i] = vmulq_f32(activate_4(multiply_add(y.v[i], a[i], b[i]), activation, k, table), k->inverse);
    }
    store_values(&target, type, &k->limits, index, &y, vectors);
  }
}

INLINE void transform(
    const int16_t *x, size_t stride, uint32_t pixels, uint32_t channels, const drift_transform *t, const drift_destination *out,
    const uint32_t type, const uint32_t activation) {
  constants k = {.inverse = vdupq_n_f32(t->inverse), .limits = bounds_of(&out->quantizer)};
  UNROLL
  for (int i = 0; i < 6; i++) k.bump[i] = vdupq_n_f32(activation == 3 ? t->table[i] : 0.0f);
  for (uint32_t first = 0; first < pixels; first += STRIP_PIXELS, x += STRIP_PIXELS * stride) {
    const uint32_t count = pixels - first < STRIP_PIXELS ? pixels - first : STRIP_PIXELS;
    const size_t index = first * out->stride;
    uint32_t c = 0;
    for (; c + 16 <= channels; c += 16) {
      transform_block(x + c, stride, count, t->scale + c, t->shift + c, t->table, &k, out, index + c, type, activation, 4);
    }
    for (; c + 8 <= channels; c += 8) {
      transform_block(x + c, stride, count, t->scale + c, t->shift + c, t->table, &k, out, index + c, type, activation, 2);
    }
    for (; c < channels; c++) {
      for (uint32_t pixel = 0; pixel < count; pixel++) {
        drift_store(
            out, type, index + pixel * out->stride + c, drift_transformed(x[pixel * stride + c], t->scale[c], t->shift[c], t));
      }
    }
  }
}

void drift_transform_neon(
    const int16_t *x, size_t stride, uint32_t pixels, uint32_t channels, const drift_transform *t,
    const drift_destination *out) {
  const uint32_t activation = t->activation;
  switch (out->type) {
    case DRIFT_STORE_INT8:
      if (activation == 3) transform(x, stride, pixels, channels, t, out, DRIFT_STORE_INT8, 3);
      else transform(x, stride, pixels, channels, t, out, DRIFT_STORE_INT8, activation);
      break;
    case DRIFT_STORE_INT16: transform(x, stride, pixels, channels, t, out, DRIFT_STORE_INT16, activation); break;
    default: transform(x, stride, pixels, channels, t, out, DRIFT_STORE_PAIR, activation); break;
  }
}

#endif
