// The sums of a tile of at most 4 outputs, such as an image's colours, for ARM without the dot product.
#if defined(__aarch64__) || (defined(__arm__) && defined(__ARM_NEON))

#include "drift_neon.h"
#include "drift_neon_store.h"

enum { TILE_ROWS = 8, ROWS = 4 };

INLINE int8x8_t broadcast_word(const int8_t *bytes) { return vreinterpret_s8_s32(vdup_n_s32(drift_load_word(bytes))); }

INLINE int32x4_t add_parts(int32x4_t a, int32x4_t b) {
#if defined(__aarch64__)
  return vpaddq_s32(a, b);
#else
  return vcombine_s32(vpadd_s32(vget_low_s32(a), vget_high_s32(a)), vpadd_s32(vget_low_s32(b), vget_high_s32(b)));
#endif
}

/// 4 rows by 4 outputs, with the arithmetic of kernels_neon_sums64.c.
static void multiply_4_rows(const int8_t *const *rows, const int8_t *weights, const drift_tile *tile, int32_t *sums) {
  int32x4_t sum[ROWS][2];
  UNROLL
  for (int r = 0; r < ROWS; r++) sum[r][0] = sum[r][1] = vdupq_n_s32(0);
  for (uint32_t t = tile->taps; t > 0; t--, rows += TILE_ROWS) {
    const int8_t *x[ROWS];
    UNROLL
    for (int r = 0; r < ROWS; r++) x[r] = rows[r];
    for (uint32_t n = tile->words / 2; n > 0; n--, weights += 128) {
      const int8x8_t wa0 = vld1_s8(weights), wa1 = vld1_s8(weights + 8), wb0 = vld1_s8(weights + 64), wb1 = vld1_s8(weights + 72);
      UNROLL
      for (int r = 0; r < ROWS; r++) {
        const int8x8_t a = broadcast_word(x[r]), b = broadcast_word(x[r] + 4);
        x[r] += 8;
        sum[r][0] = vpadalq_s16(sum[r][0], vmlal_s8(vmull_s8(wa0, a), wb0, b));
        sum[r][1] = vpadalq_s16(sum[r][1], vmlal_s8(vmull_s8(wa1, a), wb1, b));
      }
    }
    if (tile->words % 2 != 0) {
      const int8x8_t w0 = vld1_s8(weights), w1 = vld1_s8(weights + 8);
      UNROLL
      for (int r = 0; r < ROWS; r++) {
        const int8x8_t a = broadcast_word(x[r]);
        sum[r][0] = vpadalq_s16(sum[r][0], vmull_s8(w0, a));
        sum[r][1] = vpadalq_s16(sum[r][1], vmull_s8(w1, a));
      }
      weights += 64;
    }
  }
  const int32x4_t offset = vld1q_s32(tile->offset);
  UNROLL
  for (int r = 0; r < ROWS; r++) vst1q_s32(sums + DRIFT_BLOCK_OUTPUTS * r, vaddq_s32(add_parts(sum[r][0], sum[r][1]), offset));
}

void drift_tile_sums_8x4_neon(
    const int8_t *const *rows, const int8_t *weights, const drift_tile *tile, uint32_t row_count, int32_t *sums) {
  for (uint32_t row = 0; row < row_count; row += ROWS) {
    multiply_4_rows(rows + row, weights, tile, sums + DRIFT_BLOCK_OUTPUTS * (size_t)row);
  }
}

#endif
