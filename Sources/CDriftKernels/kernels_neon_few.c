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

/// The weights of the first output for up to 4 words, zeros behind them.
INLINE int8x16_t weights_of_first(const int8_t *weights, const uint32_t words) {
  int32x4_t w = vdupq_n_s32(0);
  w = vsetq_lane_s32(drift_load_word(weights), w, 0);
  if (words > 1) w = vsetq_lane_s32(drift_load_word(weights + 64), w, 1);
  if (words > 2) w = vsetq_lane_s32(drift_load_word(weights + 128), w, 2);
  if (words > 3) w = vsetq_lane_s32(drift_load_word(weights + 192), w, 3);
  return vreinterpretq_s8_s32(w);
}

/// Adds 16 products; two of them fit 16 bits.
INLINE int32x4_t add_products(int32x4_t sum, int8x16_t x, int8x16_t w) {
  return vpadalq_s16(sum, vmlal_s8(vmull_s8(vget_low_s8(x), vget_low_s8(w)), vget_high_s8(x), vget_high_s8(w)));
}

/// 8 rows by 1 output: 16 inputs side by side instead of 4 outputs.
static void multiply_8_rows_by_1(const int8_t *const *rows, const int8_t *weights, const drift_tile *tile, int32_t *sums) {
  int32x4_t sum[TILE_ROWS];
  UNROLL
  for (int r = 0; r < TILE_ROWS; r++) sum[r] = vdupq_n_s32(0);
  const uint32_t words = tile->words, left = words % 4;
  for (uint32_t t = tile->taps; t > 0; t--, rows += TILE_ROWS) {
    uint32_t word = 0;
    for (; word + 4 <= words; word += 4, weights += 256) {
      const int8x16_t w = weights_of_first(weights, 4);
      UNROLL
      for (int r = 0; r < TILE_ROWS; r++) sum[r] = add_products(sum[r], vld1q_s8(rows[r] + 4 * word), w);
    }
    if (left == 0) continue;
    const int8x16_t w = weights_of_first(weights, left);
    UNROLL
    for (int r = 0; r < TILE_ROWS; r++) {
      int8_t x[16] = {0};
      memcpy(x, rows[r] + 4 * word, 4 * left);
      sum[r] = add_products(sum[r], vld1q_s8(x), w);
    }
    weights += 64 * left;
  }
  UNROLL
  for (int r = 0; r < TILE_ROWS; r++) {
    const int32x4_t halves = add_parts(sum[r], sum[r]);
    sums[DRIFT_BLOCK_OUTPUTS * r] = vgetq_lane_s32(add_parts(halves, halves), 0) + tile->offset[0];
  }
}

void drift_tile_sums_8x4_neon(
    const int8_t *const *rows, const int8_t *weights, const drift_tile *tile, uint32_t row_count, int32_t *sums) {
  if (tile->columns == 1) {
    multiply_8_rows_by_1(rows, weights, tile, sums);
    return;
  }
  for (uint32_t row = 0; row < row_count; row += ROWS) {
    multiply_4_rows(rows + row, weights, tile, sums + DRIFT_BLOCK_OUTPUTS * (size_t)row);
  }
}

#endif
