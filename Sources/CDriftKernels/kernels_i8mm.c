// 64-bit ARM with the int8 matrix product of Armv8.6 (Neoverse V1, Cortex-A510 and later): whole tiles are new, the rest is older.
#if defined(__aarch64__)

#include <arm_neon.h>

#include "drift_neon.h"

enum { TILE_ROWS = 6 };

static void drift_tile_s8_6x16_i8mm(
    const int8_t *const *rows, const int8_t *weights, const drift_tile *tile, const drift_destination *out) {
  int32_t sums[TILE_ROWS * DRIFT_BLOCK_OUTPUTS];
  const uint32_t row_count = tile->pair ? 2 * tile->pixels : tile->pixels;
  if (row_count > 4 && tile->columns > 4) drift_tile_sums_6x16_i8mm(rows, weights, tile, sums);
  else drift_tile_sums_few_dotprod(rows, weights, tile, row_count, sums);
  drift_store_tile_neon(sums, tile, out);
}

__attribute__((target("i8mm"))) static uint64_t drift_peak_i8mm(uint32_t iterations) {
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
      .depthwise = drift_depthwise_6_neon,
      .peak = drift_peak_i8mm,
  };
  return &set;
}

#endif
