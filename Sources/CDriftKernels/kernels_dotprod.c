// 64-bit ARM with the int8 dot product of Armv8.2 (Cortex-A76 and later): the product is new, the rest is NEON's.
#if defined(__aarch64__)

#include "drift_neon.h"
#include "drift_neon_store.h"

#define DOTPROD __attribute__((target("dotprod")))
#define INLINE_DOTPROD static inline __attribute__((always_inline, target("dotprod")))

enum { TILE_ROWS = 6 };

/// One word of 4 inputs for all rows: lane `lane` of each row's vector.
#define WORD(lane)                                                \
  UNROLL                                                          \
  for (int v = 0; v < vectors; v++) {                             \
    const int8x16_t w = vld1q_s8(weights + 64 * (lane) + 16 * v); \
    UNROLL                                                        \
    for (int r = 0; r < row_count; r++) sum[r][v] = vdotq_laneq_s32(sum[r][v], w, x[r], lane); \
  }

/// `row_count` rows by 4 * `vectors` outputs.
INLINE_DOTPROD void multiply_rows(
    const int8_t *const *rows, const int8_t *weights, const drift_tile *tile, int32_t *sums, const int row_count,
    const int vectors) {
  int32x4_t sum[TILE_ROWS][4];
  UNROLL
  for (int v = 0; v < vectors; v++) {
    UNROLL
    for (int r = 0; r < row_count; r++) sum[r][v] = vld1q_s32(tile->offset + 4 * v);
  }
  const uint32_t words = tile->words;
  for (uint32_t t = tile->taps; t > 0; t--, rows += TILE_ROWS) {
    const int8_t *p[TILE_ROWS];
    int8x16_t x[TILE_ROWS];
    UNROLL
    for (int r = 0; r < row_count; r++) p[r] = rows[r];
    for (uint32_t n = words / 4; n > 0; n--, weights += 256) {
      UNROLL
      for (int r = 0; r < row_count; r++) {
        x[r] = vld1q_s8(p[r]);
        p[r] += 16;
      }
      WORD(0) WORD(1) WORD(2) WORD(3)
    }
    for (uint32_t n = words % 4; n > 0; n--, weights += 64) {
      UNROLL
      for (int r = 0; r < row_count; r++) {
        x[r] = vreinterpretq_s8_s32(vdupq_n_s32(drift_load_word(p[r])));
        p[r] += 4;
      }
      WORD(0)
    }
  }
  UNROLL
  for (int r = 0; r < row_count; r++) {
    UNROLL
    for (int v = 0; v < vectors; v++) vst1q_s32(sums + DRIFT_BLOCK_OUTPUTS * r + 4 * v, sum[r][v]);
  }
}

DOTPROD void drift_tile_sums_few_dotprod(
    const int8_t *const *rows, const int8_t *weights, const drift_tile *tile, uint32_t row_count, int32_t *sums) {
  if (row_count > 4) multiply_rows(rows, weights, tile, sums, 6, 1);
  else if (row_count > 2) multiply_rows(rows, weights, tile, sums, 4, 4);
  else multiply_rows(rows, weights, tile, sums, 2, 4);
}

static void drift_tile_s8_6x16_dotprod(
    const int8_t *const *rows, const int8_t *weights, const drift_tile *tile, const drift_destination *out) {
  int32_t sums[TILE_ROWS * DRIFT_BLOCK_OUTPUTS];
  const uint32_t row_count = tile->pair ? 2 * tile->pixels : tile->pixels;
  if (row_count > 4 && tile->columns > 4) drift_tile_sums_6x16_dotprod(rows, weights, tile, sums);
  else drift_tile_sums_few_dotprod(rows, weights, tile, row_count, sums);
  drift_store_tile_neon(sums, tile, out);
}

DOTPROD static uint64_t drift_peak_dotprod(uint32_t iterations) {
  enum { CHAINS = 16 };
  int8x16_t x = vdupq_n_s8(3), w = vdupq_n_s8(5);
  int32x4_t sum[CHAINS];
  for (int k = 0; k < CHAINS; k++) sum[k] = vdupq_n_s32(0);
  for (uint32_t i = 0; i < iterations; i++) {
    for (int k = 0; k < CHAINS; k++) sum[k] = vdotq_s32(sum[k], x, w);
    for (int k = 0; k < CHAINS; k++) __asm__ volatile("" : "+w"(sum[k]));
  }
  return (uint64_t)iterations * CHAINS * 16;
}

const drift_kernel_set *drift_kernels_dotprod(void) {
  static const drift_kernel_set set = {
      .name = "dotprod",
      .tile_rows = TILE_ROWS,
      .multiply = drift_tile_s8_6x16_dotprod,
      DRIFT_NEON_ELEMENTWISE,
      .depthwise = drift_depthwise_6_neon,
      .peak = drift_peak_dotprod,
  };
  return &set;
}

#endif
