// The sums of a tile on 32-bit ARM.
#if defined(__arm__) && defined(__ARM_NEON)

#include "drift_neon.h"

// Two rows by 8 outputs at a time, half a block, because half as many registers as on 64-bit ARM hold half as many sums:
//
//   q0      weights of word A (4 inputs) for 4 outputs, q1 those of word B, the next 4 inputs
//   d4, d5  word A of row 0 and row 1, in both lanes; d6, d7 word B
//   q4-q7   products of A and B for 4 outputs, row 0 and row 1
//   q8-q11  sums of row 0; a vector holds 2 outputs in two parts each, added up at the end; q12-q15 of row 1
//
// The arithmetic is that of kernels_neon_sums64.c. Per 8 inputs of 2 rows and 8 outputs, which is 128 multiply-adds: 16
// multiplies, 8 VPADAL, 8 loads and the loop's 2 instructions.

#define MULTIPLY(operation, w0, w1, x0, x1)                                              \
  operation ".s8 q4, d" #w0 ", d" #x0 " \n" operation ".s8 q5, d" #w1 ", d" #x0 " \n" \
  operation ".s8 q6, d" #w0 ", d" #x1 " \n" operation ".s8 q7, d" #w1 ", d" #x1 " \n"
#define WIDEN(s0, s1, s2, s3)                                 \
  "vpadal.s16 q" #s0 ", q4 \n vpadal.s16 q" #s1 ", q5 \n" \
  "vpadal.s16 q" #s2 ", q6 \n vpadal.s16 q" #s3 ", q7 \n"

/// weights, offset, sums: where those of the 8 outputs begin.
static void multiply_part(
    const int8_t *const *rows, const int8_t *weights, const drift_tile *tile, const int32_t *offset, int32_t *sums) {
  const int8_t *a = weights, *b = weights + 64, *x0, *x1;
  uint32_t taps = tile->taps, count;
  __asm__ volatile(
      "vmov.i32 q8, #0 \n vmov.i32 q9, #0 \n vmov.i32 q10, #0 \n vmov.i32 q11, #0 \n"
      "vmov.i32 q12, #0 \n vmov.i32 q13, #0 \n vmov.i32 q14, #0 \n vmov.i32 q15, #0 \n"
      "1: \n"  // the next tap
      "ldr %[x0], [%[rows]], #4 \n"
      "ldr %[x1], [%[rows]], #28 \n"
      "lsrs %[count], %[words], #1 \n"
      "beq 3f \n"
      "2: \n"  // 8 inputs
      "vld1.8 {d0, d1}, [%[a]]! \n vld1.32 {d4[]}, [%[x0]]! \n vld1.32 {d5[]}, [%[x1]]! \n"
      MULTIPLY("vmull", 0, 1, 4, 5)
      "vld1.8 {d2, d3}, [%[b]]! \n vld1.32 {d6[]}, [%[x0]]! \n vld1.32 {d7[]}, [%[x1]]! \n"
      MULTIPLY("vmlal", 2, 3, 6, 7)
      "vld1.8 {d0, d1}, [%[a]], %[step] \n"
      WIDEN(8, 9, 12, 13)
      MULTIPLY("vmull", 0, 1, 4, 5)
      "vld1.8 {d2, d3}, [%[b]], %[step] \n"
      "subs %[count], %[count], #1 \n"
      MULTIPLY("vmlal", 2, 3, 6, 7)
      WIDEN(10, 11, 14, 15)
      "bne 2b \n"
      "3: \n"
      "tst %[words], #1 \n"
      "beq 4f \n"
      "vld1.8 {d0, d1, d2, d3}, [%[a]] \n vld1.32 {d4[]}, [%[x0]] \n vld1.32 {d5[]}, [%[x1]] \n"
      MULTIPLY("vmull", 0, 1, 4, 5) WIDEN(8, 9, 12, 13)
      MULTIPLY("vmull", 2, 3, 4, 5) WIDEN(10, 11, 14, 15)
      "add %[a], %[a], #64 \n"
      "add %[b], %[b], #64 \n"
      "4: \n"
      "subs %[taps], %[taps], #1 \n"
      "bne 1b \n"
      // The two parts of each output, and its offset.
      "vld1.32 {d0, d1, d2, d3}, [%[offset]] \n"
      "vpadd.i32 d16, d16, d17 \n vpadd.i32 d17, d18, d19 \n vpadd.i32 d18, d20, d21 \n vpadd.i32 d19, d22, d23 \n"
      "vpadd.i32 d24, d24, d25 \n vpadd.i32 d25, d26, d27 \n vpadd.i32 d26, d28, d29 \n vpadd.i32 d27, d30, d31 \n"
      "vadd.i32 q8, q8, q0 \n vadd.i32 q9, q9, q1 \n vadd.i32 q12, q12, q0 \n vadd.i32 q13, q13, q1 \n"
      "vst1.32 {d16, d17, d18, d19}, [%[sums]] \n"
      "add %[count], %[sums], #64 \n"
      "vst1.32 {d24, d25, d26, d27}, [%[count]] \n"
      : [rows] "+&r"(rows), [a] "+&r"(a), [b] "+&r"(b), [taps] "+&r"(taps), [count] "=&r"(count), [x0] "=&r"(x0), [x1] "=&r"(x1)
      : [words] "r"(tile->words), [offset] "r"(offset), [sums] "r"(sums), [step] "r"(112)
      : "cc", "memory", "q0", "q1", "q2", "q3", "q4", "q5", "q6", "q7", "q8", "q9", "q10", "q11", "q12", "q13", "q14", "q15");
}

void drift_tile_sums_8x16_neon(
    const int8_t *const *rows, const int8_t *weights, const drift_tile *tile, uint32_t row_count, int32_t *sums) {
  for (uint32_t row = 0; row < row_count; row += 2, sums += 2 * DRIFT_BLOCK_OUTPUTS) {
    for (uint32_t part = 0; part < 2; part++) {
      multiply_part(rows + row, weights + 32 * part, tile, tile->offset + 8 * part, sums + 8 * part);
    }
  }
}

#endif
