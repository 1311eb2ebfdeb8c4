// 64-bit ARM with the int8 matrix product of Armv8.6 (Neoverse V1, Cortex-A510 and later): the product is new, the rest is NEON's.
#if defined(__aarch64__)

#include "drift_neon.h"
#include "drift_neon_store.h"

#define I8MM __attribute__((target("i8mm,dotprod")))
#define INLINE_I8MM static inline __attribute__((always_inline, target("i8mm,dotprod")))

enum { TILE_ROWS = 6, PAIRS = 2 };

INLINE_I8MM int8x16_t zip_low(int8x16_t a, int8x16_t b) {
  return vreinterpretq_s8_s32(vzip1q_s32(vreinterpretq_s32_s8(a), vreinterpretq_s32_s8(b)));
}

INLINE_I8MM int8x16_t zip_high(int8x16_t a, int8x16_t b) {
  return vreinterpretq_s8_s32(vzip2q_s32(vreinterpretq_s32_s8(a), vreinterpretq_s32_s8(b)));
}

/// 8 bytes of each of two rows.
INLINE_I8MM int8x16_t load_pair(const int8_t *row0, const int8_t *row1) {
  int64x2_t x = vdupq_n_s64(0);
  x = vld1q_lane_s64((const int64_t *)(const void *)row0, x, 0);
  return vreinterpretq_s8_s64(vld1q_lane_s64((const int64_t *)(const void *)row1, x, 1));
}

/// 4 bytes of each of two rows, each followed by zeros.
INLINE_I8MM int8x16_t load_pair_word(const int8_t *row0, const int8_t *row1) {
  int32x4_t x = vdupq_n_s32(0);
  x = vld1q_lane_s32((const int32_t *)(const void *)row0, x, 0);
  return vreinterpretq_s8_s32(vld1q_lane_s32((const int32_t *)(const void *)row1, x, 2));
}

/// Up to 2 pairs of rows, left for the last tile of an image; kernels_i8mm_sums.c has whole tiles.
INLINE_I8MM void multiply_pairs(
    const int8_t *const *rows, const int8_t *weights, const drift_tile *tile, int32_t *sums, const int pair_count) {
  int32x4_t sum[PAIRS][8];  // outputs 2v and 2v + 1 of the first row, then of the second
  UNROLL
  for (int v = 0; v < 8; v++) {
    const int32x2_t offset = vld1_s32(tile->offset + 2 * v);
    UNROLL
    for (int i = 0; i < pair_count; i++) sum[i][v] = vcombine_s32(offset, offset);
  }
  const uint32_t words = tile->words;
  for (uint32_t t = tile->taps; t > 0; t--, rows += TILE_ROWS) {
    const int8_t *p[2 * PAIRS];
    int8x16_t x[PAIRS];
    UNROLL
    for (int r = 0; r < 2 * pair_count; r++) p[r] = rows[r];
    for (uint32_t n = words / 2; n > 0; n--, weights += 128) {
      UNROLL
      for (int i = 0; i < pair_count; i++) {
        x[i] = load_pair(p[2 * i], p[2 * i + 1]);
        p[2 * i] += 8, p[2 * i + 1] += 8;
      }
      UNROLL
      for (int v = 0; v < 4; v++) {
        const int8x16_t a = vld1q_s8(weights + 16 * v), b = vld1q_s8(weights + 64 + 16 * v);
        const int8x16_t low = zip_low(a, b), high = zip_high(a, b);
        UNROLL
        for (int i = 0; i < pair_count; i++) {
          sum[i][2 * v] = vmmlaq_s32(sum[i][2 * v], x[i], low);
          sum[i][2 * v + 1] = vmmlaq_s32(sum[i][2 * v + 1], x[i], high);
        }
      }
    }
    if (words % 2 != 0) {
      UNROLL
      for (int i = 0; i < pair_count; i++) x[i] = load_pair_word(p[2 * i], p[2 * i + 1]);
      UNROLL
      for (int v = 0; v < 4; v++) {
        const int8x16_t a = vld1q_s8(weights + 16 * v);
        UNROLL
        for (int i = 0; i < pair_count; i++) {
          sum[i][2 * v] = vmmlaq_s32(sum[i][2 * v], x[i], zip_low(a, a));
          sum[i][2 * v + 1] = vmmlaq_s32(sum[i][2 * v + 1], x[i], zip_high(a, a));
        }
      }
      weights += 64;
    }
  }
  UNROLL
  for (int i = 0; i < pair_count; i++) {
    UNROLL
    for (int v = 0; v < 4; v++) {
      const int64x2_t a = vreinterpretq_s64_s32(sum[i][2 * v]), b = vreinterpretq_s64_s32(sum[i][2 * v + 1]);
      vst1q_s32(sums + 2 * DRIFT_BLOCK_OUTPUTS * i + 4 * v, vreinterpretq_s32_s64(vzip1q_s64(a, b)));
      vst1q_s32(sums + 2 * DRIFT_BLOCK_OUTPUTS * i + DRIFT_BLOCK_OUTPUTS + 4 * v, vreinterpretq_s32_s64(vzip2q_s64(a, b)));
    }
  }
}

I8MM static void drift_tile_s8_6x16_i8mm(
    const int8_t *const *rows, const int8_t *weights, const drift_tile *tile, const drift_destination *out) {
  int32_t sums[TILE_ROWS * DRIFT_BLOCK_OUTPUTS];
  const uint32_t row_count = tile->pair ? 2 * tile->pixels : tile->pixels;
  if (row_count > 4) drift_sums_6x16_i8mm(rows, weights, tile, sums);
  else if (row_count > 2) multiply_pairs(rows, weights, tile, sums, 2);
  else multiply_pairs(rows, weights, tile, sums, 1);
  drift_store_tile_neon(sums, tile, out);
}

I8MM static uint64_t drift_peak_i8mm(uint32_t iterations) {
  enum { CHAINS = 16 };
  int8x16_t x = vdupq_n_s8(3), w = vdupq_n_s8(5);
  int32x4_t sum[CHAINS];
  for (int k = 0; k < CHAINS; k++) sum[k] = vdupq_n_s32(0);
  for (uint32_t i = 0; i < iterations; i++) {
    for (int k = 0; k < CHAINS; k++) sum[k] = vmmlaq_s32(sum[k], x, w);
    for (int k = 0; k < CHAINS; k++) __asm__ volatile("" : "+w"(sum[k]));
  }
  return (uint64_t)iterations * CHAINS * 32;
}

const drift_kernel_set *drift_kernels_i8mm(void) {
  static const drift_kernel_set set = {
      .name = "i8mm",
      .tile_rows = TILE_ROWS,
      .multiply = drift_tile_s8_6x16_i8mm,
      DRIFT_NEON_ELEMENTWISE,
      .peak = drift_peak_i8mm,
  };
  return &set;
}

#endif
