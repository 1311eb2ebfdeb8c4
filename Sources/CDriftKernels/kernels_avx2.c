// x86-64 with AVX2.
#if defined(__x86_64__)

#define TARGET __attribute__((target("avx2")))
#define OPERAND_BIAS 0
#include "drift_avx2.h"

enum { TILE_ROWS = 4 };

// VPMADDUBSW multiplies unsigned by signed bytes and adds pairs in int16. With |x| <= 128 and |w| <= 127 the pair |x|*w' + |x|*w'
// stays within 2*128*127 = 32512, so the saturating add is exact; the sign of x is moved onto w, which is never -128.
INLINE __m256i dot4(__m256i sum, __m256i weights, __m256i x, __m256i magnitude, __m256i ones) {
  __m256i pairs = _mm256_maddubs_epi16(magnitude, _mm256_sign_epi8(weights, x));
  return _mm256_add_epi32(sum, _mm256_madd_epi16(pairs, ones));
}

/// 4 rows by 16 outputs: 8 of 16 registers are sums. A word takes 2 loads of weights, 4 broadcasts, 4 magnitudes and 8 times sign,
/// multiply, widen, add: 42 instructions for 256 multiply-adds, the two multiplying ones of each dot4 at 2 a cycle at best.
TARGET static void drift_tile_s8_4x16_avx2(
    const int8_t *const *rows, const int8_t *weights, const drift_tile *tile, const drift_destination *out) {
  const __m256i ones = _mm256_set1_epi16(1);
  __m256i sum[TILE_ROWS][2];
  for (int r = 0; r < TILE_ROWS; r++) sum[r][0] = sum[r][1] = _mm256_setzero_si256();
  for (uint32_t t = 0; t < tile->taps; t++, rows += TILE_ROWS) {
    const int8_t *x0 = rows[0], *x1 = rows[1], *x2 = rows[2], *x3 = rows[3];
    for (size_t word = 0; word < tile->words; word++, weights += 64) {
      const __m256i w0 = _mm256_load_si256((const __m256i *)weights);
      const __m256i w1 = _mm256_load_si256((const __m256i *)(weights + 32));
#define ROW(r, pointer)                                                        \
  {                                                                            \
    const __m256i x = _mm256_set1_epi32(drift_load_word((pointer) + 4 * word)); \
    const __m256i magnitude = _mm256_abs_epi8(x);                              \
    sum[r][0] = dot4(sum[r][0], w0, x, magnitude, ones);                       \
    sum[r][1] = dot4(sum[r][1], w1, x, magnitude, ones);                       \
  }
      ROW(0, x0) ROW(1, x1) ROW(2, x2) ROW(3, x3)
#undef ROW
    }
  }
  int32_t sums[TILE_ROWS * DRIFT_BLOCK_OUTPUTS];
  for (int r = 0; r < TILE_ROWS; r++) {
    _mm256_storeu_si256((__m256i *)(sums + 16 * r), sum[r][0]);
    _mm256_storeu_si256((__m256i *)(sums + 16 * r + 8), sum[r][1]);
  }
  store_tile(sums, tile, out);
}

SMALL static void drift_depthwise_avx2(
    const int8_t *const *rows, const int8_t *weights, const drift_tile *tile, const drift_destination *out) {
  depthwise(rows, weights, tile, out, TILE_ROWS);
}

/// VPMADDWD and VPADDD on int16, the fastest exact multiply-add of AVX2; the empty assembly keeps products from being shared.
TARGET static uint64_t drift_peak_avx2(uint32_t iterations) {
  enum { CHAINS = 12 };
  __m256i x = _mm256_set1_epi16(3), w = _mm256_set1_epi16(5), sum[CHAINS];
  for (int k = 0; k < CHAINS; k++) sum[k] = _mm256_setzero_si256();
  for (uint32_t i = 0; i < iterations; i++) {
    for (int k = 0; k < CHAINS; k++) {
      __asm__ volatile("" : "+x"(x));
      sum[k] = _mm256_add_epi32(sum[k], _mm256_madd_epi16(x, w));
    }
  }
  for (int k = 0; k < CHAINS; k++) __asm__ volatile("" ::"x"(sum[k]));
  return (uint64_t)iterations * CHAINS * 16;
}

const drift_kernel_set *drift_kernels_avx2(void) {
  static const drift_kernel_set set = {
      .name = "avx2",
      .tile_rows = TILE_ROWS,
      .tile_blocks = 1,
      .multiply = drift_tile_s8_4x16_avx2,
      DRIFT_AVX2_SHARED,
      .depthwise = drift_depthwise_avx2,
      .peak = drift_peak_avx2,
  };
  return &set;
}

#endif
