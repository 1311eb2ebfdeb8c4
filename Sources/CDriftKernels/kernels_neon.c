// 64-bit ARM without the dot product (Cortex-A53, A72) and 32-bit ARM with NEON: the kernel set and its peak.
#if defined(__aarch64__) || (defined(__arm__) && defined(__ARM_NEON))

#include <arm_neon.h>

#include "drift_neon.h"

/// Two rows are multiplied at once; more of them make one tile, so that what comes before and after is shared.
enum { TILE_ROWS = 8 };

static void drift_tile_s8_8x16_neon(
    const int8_t *const *rows, const int8_t *weights, const drift_tile *tile, const drift_destination *out) {
  int32_t sums[TILE_ROWS * DRIFT_BLOCK_OUTPUTS];
  const uint32_t row_count = tile->pair ? 2 * tile->pixels : tile->pixels;
  if (tile->columns > 4) drift_tile_sums_8x16_neon(rows, weights, tile, row_count, sums);
  else drift_tile_sums_8x4_neon(rows, weights, tile, row_count, sums);
  drift_store_tile_neon(sums, tile, out);
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
      .multiply = drift_tile_s8_8x16_neon,
      DRIFT_NEON_ELEMENTWISE,
      .depthwise = drift_depthwise_8_neon,
      .peak = drift_peak_neon,
  };
  return &set;
}

#endif
