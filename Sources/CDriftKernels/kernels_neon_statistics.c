// Sums for the statistics of a normalization, for every ARM set.
#if defined(__aarch64__) || (defined(__arm__) && defined(__ARM_NEON))

#include "drift_neon.h"
#include "drift_neon_store.h"

/// Pixels whose squares share an unsigned int32: 4 * 32767^2 < 2^32.
enum { SHARED = 4 };

/// Sums of 8 channels: those of q stay below 65536 * 32767 < 2^31.
typedef struct sums_8 {
  int32x4_t sum[2];
  uint64x2_t squares[4];
} sums_8;

INLINE int32x4_t add_high(int32x4_t sum, int16x8_t q) {
#if defined(__aarch64__)
  return vaddw_high_s16(sum, q);
#else
  return vaddw_s16(sum, vget_high_s16(q));
#endif
}

INLINE int32x4_t add_high_square(int32x4_t squares, int16x8_t q) {
#if defined(__aarch64__)
  return vmlal_high_s16(squares, q, q);
#else
  return vmlal_s16(squares, vget_high_s16(q), vget_high_s16(q));
#endif
}

/// Adds `pixels` pixels, at most SHARED.
INLINE void add_pixels(sums_8 *s, const int16_t *x, size_t stride, const int pixels) {
  int32x4_t low = vdupq_n_s32(0), high = low;
  UNROLL
  for (int i = 0; i < pixels; i++) {
    const int16x8_t q = vld1q_s16(x + (size_t)i * stride);
    s->sum[0] = vaddw_s16(s->sum[0], vget_low_s16(q));
    s->sum[1] = add_high(s->sum[1], q);
    low = vmlal_s16(low, vget_low_s16(q), vget_low_s16(q));
    high = add_high_square(high, q);
  }
  const uint32x4_t squares[2] = {vreinterpretq_u32_s32(low), vreinterpretq_u32_s32(high)};
  UNROLL
  for (int i = 0; i < 2; i++) {
    s->squares[2 * i] = vaddw_u32(s->squares[2 * i], vget_low_u32(squares[i]));
#if defined(__aarch64__)
    s->squares[2 * i + 1] = vaddw_high_u32(s->squares[2 * i + 1], squares[i]);
#else
    s->squares[2 * i + 1] = vaddw_u32(s->squares[2 * i + 1], vget_high_u32(squares[i]));
#endif
  }
}

INLINE void store_sums(const sums_8 *s, int64_t *sum, int64_t *square_sum) {
  UNROLL
  for (int i = 0; i < 4; i++) {
    const int32x2_t pair = i % 2 == 0 ? vget_low_s32(s->sum[i / 2]) : vget_high_s32(s->sum[i / 2]);
    vst1q_s64(sum + 2 * i, vaddw_s32(vld1q_s64(sum + 2 * i), pair));
    vst1q_s64(square_sum + 2 * i, vaddq_s64(vld1q_s64(square_sum + 2 * i), vreinterpretq_s64_u64(s->squares[i])));
  }
}

/// 8 * `eights` channels.
INLINE void sum_channels(
    const int16_t *x, size_t stride, uint32_t pixels, int64_t *sum, int64_t *square_sum, const int eights) {
  sums_8 s[2];
  UNROLL
  for (int k = 0; k < eights; k++) {
    s[k].sum[0] = s[k].sum[1] = vdupq_n_s32(0);
    s[k].squares[0] = s[k].squares[1] = s[k].squares[2] = s[k].squares[3] = vdupq_n_u64(0);
  }
  for (; pixels >= SHARED; pixels -= SHARED, x += SHARED * stride) {
    UNROLL
    for (int k = 0; k < eights; k++) add_pixels(&s[k], x + 8 * k, stride, SHARED);
  }
  for (; pixels > 0; pixels--, x += stride) {
    UNROLL
    for (int k = 0; k < eights; k++) add_pixels(&s[k], x + 8 * k, stride, 1);
  }
  UNROLL
  for (int k = 0; k < eights; k++) store_sums(&s[k], sum + 8 * k, square_sum + 8 * k);
}

void drift_channel_sums_neon(
    const int16_t *x, size_t stride, uint32_t pixels, uint32_t channels, int64_t *sum, int64_t *square_sum) {
  uint32_t c = 0;
  for (; c + 16 <= channels; c += 16) sum_channels(x + c, stride, pixels, sum + c, square_sum + c, 2);
  for (; c + 8 <= channels; c += 8) sum_channels(x + c, stride, pixels, sum + c, square_sum + c, 1);
  if (c < channels) drift_kernels_scalar()->channel_sums(x + c, stride, pixels, channels - c, sum + c, square_sum + c);
}

#endif
