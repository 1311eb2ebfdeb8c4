// The sums of a tile on 32-bit ARM.
#if defined(__arm__) && defined(__ARM_NEON)

#include <arm_neon.h>

#include "drift_neon_store.h"
#include "drift_neon.h"

enum { TILE_ROWS = 8, TILE_VECTORS = 4 };  // half a block at a time: 8 of 16 registers are sums

INLINE int8x8_t broadcast_word(const int8_t *bytes) { return vreinterpret_s8_s32(vdup_n_s32(drift_load_word(bytes))); }

/// Two rows by 8 outputs, with the arithmetic of kernels_neon_sums64.c.
INLINE void multiply_part(
    const int8_t *const *rows, const int8_t *weights, const drift_tile *tile, const int32_t *offset, int32_t *sums) {
  int32x4_t sum[2][TILE_VECTORS];
  UNROLL
  for (int v = 0; v < TILE_VECTORS; v++) sum[0][v] = sum[1][v] = vdupq_n_s32(0);
  for (uint32_t t = 0; t < tile->taps; t++, rows += TILE_ROWS) {
    const int8_t *x0 = rows[0], *x1 = rows[1];
    uint32_t word = 0;
    for (; word + 2 <= tile->words; word += 2, x0 += 8, x1 += 8, weights += 128) {
      const int8x8_t a0 = broadcast_word(x0), b0 = broadcast_word(x0 + 4);
      const int8x8_t a1 = broadcast_word(x1), b1 = broadcast_word(x1 + 4);
      UNROLL
      for (int v = 0; v < TILE_VECTORS; v += 2) {
        const int8x16_t wa = vld1q_s8(weights + 8 * v), wb = vld1q_s8(weights + 64 + 8 * v);
        const int8x8_t wa0 = vget_low_s8(wa), wa1 = vget_high_s8(wa), wb0 = vget_low_s8(wb), wb1 = vget_high_s8(wb);
        sum[0][v] = vpadalq_s16(sum[0][v], vmlal_s8(vmull_s8(wa0, a0), wb0, b0));
        sum[1][v] = vpadalq_s16(sum[1][v], vmlal_s8(vmull_s8(wa0, a1), wb0, b1));
        sum[0][v + 1] = vpadalq_s16(sum[0][v + 1], vmlal_s8(vmull_s8(wa1, a0), wb1, b0));
        sum[1][v + 1] = vpadalq_s16(sum[1][v + 1], vmlal_s8(vmull_s8(wa1, a1), wb1, b1));
      }
    }
    if (word < tile->words) {
      const int8x8_t a0 = broadcast_word(x0), a1 = broadcast_word(x1);
      UNROLL
      for (int v = 0; v < TILE_VECTORS; v++) {
        const int8x8_t w = vld1_s8(weights + 8 * v);
        sum[0][v] = vpadalq_s16(sum[0][v], vmull_s8(w, a0));
        sum[1][v] = vpadalq_s16(sum[1][v], vmull_s8(w, a1));
      }
      weights += 64;
    }
  }
  UNROLL
  for (int r = 0; r < 2; r++) {
    UNROLL
    for (int v = 0; v < TILE_VECTORS; v++) {
      const int32x2_t pair = vpadd_s32(vget_low_s32(sum[r][v]), vget_high_s32(sum[r][v]));
      vst1_s32(sums + DRIFT_BLOCK_OUTPUTS * r + 2 * v, vadd_s32(pair, vld1_s32(offset + 2 * v)));
    }
  }
}

void drift_sums_8x16_neon(
    const int8_t *const *rows, const int8_t *weights, const drift_tile *tile, uint32_t row_count, int32_t *sums) {
  for (uint32_t row = 0; row < row_count; row += 2, sums += 2 * DRIFT_BLOCK_OUTPUTS) {
    for (int part = 0; part < 2; part++) {
      multiply_part(rows + row, weights + 32 * part, tile, tile->offset + 8 * part, sums + 8 * part);
    }
  }
}

#endif
