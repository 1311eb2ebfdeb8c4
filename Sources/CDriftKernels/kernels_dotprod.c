// 64-bit ARM with the int8 dot product of Armv8.2 (Cortex-A76 and later): the product is new, the rest is NEON's.
#if defined(__aarch64__)

#include <arm_neon.h>

#include "drift_neon.h"
#include "drift_scalar.h"

#define DOTPROD __attribute__((target("dotprod")))

enum { TILE_ROWS = 6 };

/// One block of 4 inputs for all rows: lane `lane` of each row's vector.
#define BLOCK(lane)                                                          \
  for (int v = 0; v < 4; v++) {                                              \
    const int8x16_t w = vld1q_s8(weights + 64 * (lane) + 16 * v);            \
    for (int r = 0; r < TILE_ROWS; r++) sum[r][v] = vdotq_laneq_s32(sum[r][v], w, x[r], lane); \
  }

DOTPROD static void drift_gemm_s8_6x16_dotprod(
    const int8_t *const *rows, uint32_t taps, uint32_t blocks, const int8_t *weights, int32_t *sums) {
  int32x4_t sum[TILE_ROWS][4];
  for (int r = 0; r < TILE_ROWS; r++) {
    for (int v = 0; v < 4; v++) sum[r][v] = vdupq_n_s32(0);
  }
  for (uint32_t t = 0; t < taps; t++, rows += TILE_ROWS) {
    int8x16_t x[TILE_ROWS];
    uint32_t b = 0;
    for (; b + 4 <= blocks; b += 4, weights += 256) {
      for (int r = 0; r < TILE_ROWS; r++) x[r] = vld1q_s8(rows[r] + 4 * (size_t)b);
      BLOCK(0) BLOCK(1) BLOCK(2) BLOCK(3)
    }
    for (; b < blocks; b++, weights += 64) {
      for (int r = 0; r < TILE_ROWS; r++) x[r] = vreinterpretq_s8_s32(vdupq_n_s32(drift_load_word(rows[r] + 4 * (size_t)b)));
      BLOCK(0)
    }
  }
  for (int r = 0; r < TILE_ROWS; r++) {
    for (int v = 0; v < 4; v++) vst1q_s32(sums + DRIFT_TILE_OUTPUTS * r + 4 * v, sum[r][v]);
  }
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
      .multiply = drift_gemm_s8_6x16_dotprod,
      DRIFT_NEON_ELEMENTWISE,
      .peak = drift_peak_dotprod,
  };
  return &set;
}

#endif
