// From f32 vectors to stored integers, as the scalar functions of drift_scalar.h do it. Runs of 8 or 16 values.
#ifndef DRIFT_NEON_STORE_H
#define DRIFT_NEON_STORE_H

#include <arm_neon.h>

#include "drift_scalar.h"

#define INLINE static inline __attribute__((always_inline))
/// Values live in registers only if no loop over them is left.
#define UNROLL _Pragma("clang loop unroll(full)")

/// Beside the types of drift_store_type: int16 with the upper bound and the zero point that all such tensors have. Narrowing itself
/// keeps the bound.
enum { STORE_WHOLE_INT16 = 16 };

/// Whether a destination may be stored as STORE_WHOLE_INT16.
INLINE int is_whole_int16(const drift_destination *out) {
  return out->type == DRIFT_STORE_INT16 && out->quantizer.high == 32767.0f && out->quantizer.zero_point == 0;
}

/// Up to 16 values in the order of memory.
typedef struct values {
  float32x4_t v[4];
} values;

/// A quantizer in registers. The zero point is added after narrowing, where the addition is modulo the width that is kept.
typedef struct bounds {
  float32x4_t low, high;
  int16x8_t zero_point;
  int8x16_t zero_point_8;
} bounds;

INLINE bounds bounds_of(const drift_quantizer *q) {
  const int8_t zero_point_8 = (int8_t)(uint8_t)(q->zero_point & 255);
  return (bounds){
      vdupq_n_f32(q->low), vdupq_n_f32(q->high), vdupq_n_s16((int16_t)q->zero_point), vdupq_n_s8(zero_point_8)};
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

/// v > low ? v : low, so that NaN becomes low.
INLINE float32x4_t at_least(float32x4_t v, float32x4_t low) {
#if defined(__aarch64__)
  return vmaxnmq_f32(v, low);
#else
  return vbslq_f32(vcgtq_f32(v, low), v, low);
#endif
}

INLINE float32x4_t clamp_4(float32x4_t v, float32x4_t low, float32x4_t high) { return vminq_f32(at_least(v, low), high); }

/// The low halves of 8 integers.
INLINE int16x8_t narrow_16(int32x4_t a, int32x4_t b) {
#if defined(__aarch64__)
  return vuzp1q_s16(vreinterpretq_s16_s32(a), vreinterpretq_s16_s32(b));
#else
  return vcombine_s16(vmovn_s32(a), vmovn_s32(b));
#endif
}

/// The low bytes of 16 integers.
INLINE int8x16_t narrow_8(int16x8_t a, int16x8_t b) {
#if defined(__aarch64__)
  return vuzp1q_s8(vreinterpretq_s8_s16(a), vreinterpretq_s8_s16(b));
#else
  return vcombine_s8(vmovn_s16(a), vmovn_s16(b));
#endif
}

INLINE float32x4_t low_floats(int16x8_t q) { return vcvtq_f32_s32(vmovl_s16(vget_low_s16(q))); }

INLINE float32x4_t high_floats(int16x8_t q) {
#if defined(__aarch64__)
  return vcvtq_f32_s32(vmovl_high_s16(q));
#else
  return vcvtq_f32_s32(vmovl_s16(vget_high_s16(q)));
#endif
}

/// `vectors` vectors of int16 values.
INLINE values floats_of(const int16_t *q, const int vectors) {
  values r;
  UNROLL
  for (int i = 0; i < vectors; i += 2) {
    const int16x8_t eight = vld1q_s16(q + 4 * i);
    r.v[i] = low_floats(eight);
    r.v[i + 1] = high_floats(eight);
  }
  return r;
}

/// 8 clamped, rounded values modulo 2^16.
INLINE int16x8_t quantized_8(const bounds *b, float32x4_t v0, float32x4_t v1) {
  return narrow_16(round_to_even(clamp_4(v0, b->low, b->high)), round_to_even(clamp_4(v1, b->low, b->high)));
}

/// The same without the upper bound, which saturation puts at 32767.
INLINE int16x8_t saturated_8(const bounds *b, float32x4_t v0, float32x4_t v1) {
  const int32x4_t q0 = round_to_even(at_least(v0, b->low)), q1 = round_to_even(at_least(v1, b->low));
#if defined(__aarch64__)
  return vqmovn_high_s32(vqmovn_s32(q0), q1);
#else
  return vcombine_s16(vqmovn_s32(q0), vqmovn_s32(q1));
#endif
}

INLINE void store_bytes(int8_t *out, int16x8_t q0, int16x8_t q1, const int vectors) {
  if (vectors == 4) vst1q_s8(out, narrow_8(q0, q1));
  else vst1_s8(out, vmovn_s16(q0));
}

/// Stores 8 or 16 values, the first as value `index`.
INLINE void store_values(
    const drift_destination *out, uint32_t type, const bounds *b, size_t index, const values *x, const int vectors) {
  if (type == DRIFT_STORE_FLOAT) {
    UNROLL
    for (int i = 0; i < vectors; i++) vst1q_f32((float *)out->base + index + 4 * i, x->v[i]);
    return;
  }
  if (type == STORE_WHOLE_INT16) {
    UNROLL
    for (int i = 0; i < vectors; i += 2) vst1q_s16((int16_t *)out->base + index + 4 * i, saturated_8(b, x->v[i], x->v[i + 1]));
    return;
  }
  int16x8_t q0 = quantized_8(b, x->v[0], x->v[1]), q1 = q0;
  if (vectors == 4) q1 = quantized_8(b, x->v[2], x->v[3]);
  if (type == DRIFT_STORE_INT8 && vectors == 4) {
    vst1q_s8((int8_t *)out->base + index, vaddq_s8(narrow_8(q0, q1), b->zero_point_8));
    return;
  }
  q0 = vaddq_s16(q0, b->zero_point);
  q1 = vaddq_s16(q1, b->zero_point);
  if (type == DRIFT_STORE_INT16) {
    vst1q_s16((int16_t *)out->base + index, q0);
    if (vectors == 4) vst1q_s16((int16_t *)out->base + index + 8, q1);
    return;
  }
  if (type == DRIFT_STORE_INT8) {
    vst1_s8((int8_t *)out->base + index, vmovn_s16(q0));
    return;
  }
  // The high byte of q is (q - low) / 256, and that is the high byte of q + 128: a rounding shift.
  store_bytes(out->low + index, q0, q1, vectors);
  const int8x8_t high = vrshrn_n_s16(q0, 8);
  if (vectors == 4) vst1q_s8((int8_t *)out->base + index, vcombine_s8(high, vrshrn_n_s16(q1, 8)));
  else vst1_s8((int8_t *)out->base + index, high);
}

#endif
