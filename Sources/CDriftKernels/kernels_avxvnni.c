// x86-64 with AVX-VNNI: 256-bit VPDPBUSD without AVX-512.
#if defined(__x86_64__)

#define TARGET __attribute__((target("avx2,avxvnni")))
#define OPERAND_BIAS 128
#include "drift_avx2.h"

enum { TILE_ROWS = 6 };

/// 6 rows by 16 outputs: 12 of 16 registers are sums, 2 weights, 1 a broadcast operand. A word takes 8 loads and 12 VPDPBUSD: with two
/// of each a cycle, 6 cycles for 384 multiply-adds, which is the dot product's own limit.
TARGET static void drift_tile_s8_6x16_avxvnni(
    const int8_t *const *rows, const int8_t *weights, const drift_tile *tile, const drift_destination *out) {
  __m256i sum[TILE_ROWS][2];
  for (int r = 0; r < TILE_ROWS; r++) sum[r][0] = sum[r][1] = _mm256_setzero_si256();
  for (uint32_t t = 0; t < tile->taps; t++, rows += TILE_ROWS) {
    const int8_t *x[TILE_ROWS];
    for (int r = 0; r < TILE_ROWS; r++) x[r] = rows[r];
    for (size_t word = 0; word < tile->words; word++, weights += 64) {
      const __m256i w0 = _mm256_load_si256((const __m256i *)weights);
      const __m256i w1 = _mm256_load_si256((const __m256i *)(weights + 32));
      for (int r = 0; r < TILE_ROWS; r++) {
        const __m256i operand = _mm256_set1_epi32(drift_load_word(x[r] + 4 * word));
        sum[r][0] = _mm256_dpbusd_avx_epi32(sum[r][0], operand, w0);
        sum[r][1] = _mm256_dpbusd_avx_epi32(sum[r][1], operand, w1);
      }
    }
  }
  int32_t sums[TILE_ROWS * DRIFT_BLOCK_OUTPUTS];
  for (int r = 0; r < TILE_ROWS; r++) {
    _mm256_storeu_si256((__m256i *)(sums + 16 * r), sum[r][0]);
    _mm256_storeu_si256((__m256i *)(sums + 16 * r + 8), sum[r][1]);
  }
  store_tile(sums, tile, out);
}

SMALL static void drift_depthwise_avxvnni(
    const int8_t *const *rows, const int8_t *weights, const drift_tile *tile, const drift_destination *out) {
  depthwise(rows, weights, tile, out, TILE_ROWS);
}

TARGET static uint64_t drift_peak_avxvnni(uint32_t iterations) {
  enum { CHAINS = 12 };
  __m256i x = _mm256_set1_epi8(3), w = _mm256_set1_epi8(5), sum[CHAINS];
  for (int k = 0; k < CHAINS; k++) sum[k] = _mm256_setzero_si256();
  for (uint32_t i = 0; i < iterations; i++) {
    for (int k = 0; k < CHAINS; k++) sum[k] = _mm256_dpbusd_avx_epi32(sum[k], x, w);
    for (int k = 0; k < CHAINS; k++) __asm__ volatile("" : "+x"(sum[k]));
  }
  return (uint64_t)iterations * CHAINS * 32;
}

const drift_kernel_set *drift_kernels_avxvnni(void) {
  static const drift_kernel_set set = {
      .name = "avxvnni",
      .tile_rows = TILE_ROWS,
      .tile_blocks = 1,
      .multiply = drift_tile_s8_6x16_avxvnni,
      DRIFT_AVX2_SHARED,
      .depthwise = drift_depthwise_avxvnni,
      .peak = drift_peak_avxvnni,
  };
  return &set;
}

#endif
