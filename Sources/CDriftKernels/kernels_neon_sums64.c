// The sums of a tile on 64-bit ARM without the dot product.
#if defined(__aarch64__)

#include "drift_neon.h"

// Two rows by 16 outputs at a time, in assembly because it needs all 32 vector registers and its order:
//
//   v0-v7    sums of row 0; vector i holds outputs 2i and 2i + 1 in two parts each, added up at the end
//   v8-v15   sums of row 1
//   v16-v17  weights of word A (4 inputs) for 8 outputs, v18-v19 those of word B, the next 4 inputs
//   v20-v27  products of A and B for 8 outputs, row 0 and row 1
//   v28-v31  word A of row 0 and row 1, word B of row 0 and row 1, each in all four lanes
//
// Two products share an int16 lane before it is widened: 2 * 127 * 128 = 32512 fits, since weights are never -128. So 8
// multiply-adds cost one SMULL or SMLAL and half a SADALP. Per 8 inputs of 2 rows and 16 outputs, which is 256 multiply-adds: 32
// multiplies, 16 SADALP, 4 LDP and 4 LD1R. That takes 32 cycles of the one multiplier of a Cortex-A72 (8 multiply-adds a cycle; all
// else runs beside it) and 48 of the one vector unit of a Cortex-A53. The loop over 32 inputs has 226 instructions for 1024
// multiply-adds.
//
// For cores that execute in order, 8 instructions lie between a product and its use, 8 to 16 between a load and its use.

#define MULTIPLY(w0, w1)                                                            \
  "smull v20.8h, v" #w0 ".8b, v28.8b \n smull2 v21.8h, v" #w0 ".16b, v28.16b \n" \
  "smull v22.8h, v" #w1 ".8b, v28.8b \n smull2 v23.8h, v" #w1 ".16b, v28.16b \n" \
  "smull v24.8h, v" #w0 ".8b, v29.8b \n smull2 v25.8h, v" #w0 ".16b, v29.16b \n" \
  "smull v26.8h, v" #w1 ".8b, v29.8b \n smull2 v27.8h, v" #w1 ".16b, v29.16b \n"

#define MULTIPLY_ADD                                                      \
  "smlal v20.8h, v18.8b, v30.8b \n smlal2 v21.8h, v18.16b, v30.16b \n" \
  "smlal v22.8h, v19.8b, v30.8b \n smlal2 v23.8h, v19.16b, v30.16b \n" \
  "smlal v24.8h, v18.8b, v31.8b \n smlal2 v25.8h, v18.16b, v31.16b \n" \
  "smlal v26.8h, v19.8b, v31.8b \n smlal2 v27.8h, v19.16b, v31.16b \n"

#define WIDEN(a0, a1, a2, a3, b0, b1, b2, b3)                     \
  "sadalp v" #a0 ".4s, v20.8h \n sadalp v" #a1 ".4s, v21.8h \n" \
  "sadalp v" #a2 ".4s, v22.8h \n sadalp v" #a3 ".4s, v23.8h \n" \
  "sadalp v" #b0 ".4s, v24.8h \n sadalp v" #b1 ".4s, v25.8h \n" \
  "sadalp v" #b2 ".4s, v26.8h \n sadalp v" #b3 ".4s, v27.8h \n"
#define WIDEN_FIRST WIDEN(0, 1, 2, 3, 8, 9, 10, 11)
#define WIDEN_LAST WIDEN(4, 5, 6, 7, 12, 13, 14, 15)

#define WEIGHTS_A(address) "ldp q16, q17, [%[w], #" #address "] \n"
#define WEIGHTS_B(address) "ldp q18, q19, [%[w], #" #address "] \n"
/// Between runs of 16 inputs, w points 256 bytes before the next weights.
#define NEXT_WEIGHTS_A "ldp q16, q17, [%[w], #256]! \n"
#define WORDS_A "ld1r {v28.4s}, [%[x0]], #4 \n ld1r {v29.4s}, [%[x1]], #4 \n"
#define WORDS_B "ld1r {v30.4s}, [%[x0]], #4 \n ld1r {v31.4s}, [%[x1]], #4 \n"

/// 8 inputs. Registers are loaded anew after their last use.
#define EIGHT_INPUTS(last_a, last_b, next_a, next_b)      \
  MULTIPLY(16, 17) last_a MULTIPLY_ADD last_b WIDEN_FIRST \
  MULTIPLY(16, 17) next_a MULTIPLY_ADD next_b WIDEN_LAST
#define SIXTEEN_INPUTS(next_a, next_b)                                                              \
  EIGHT_INPUTS(WEIGHTS_A(32), WEIGHTS_B(96), WEIGHTS_A(128) WORDS_A, WEIGHTS_B(192) WORDS_B)        \
  EIGHT_INPUTS(WEIGHTS_A(160), WEIGHTS_B(224), next_a, next_b)

/// Offsets in the first part of each output of row 0 and row 1, zeros in the second.
#define START_SUMS(offsets, a0, a1, b0, b1)                                                               \
  "zip1 v" #a0 ".4s, v" #offsets ".4s, v20.4s \n zip2 v" #a1 ".4s, v" #offsets ".4s, v20.4s \n" \
  "mov v" #b0 ".16b, v" #a0 ".16b \n mov v" #b1 ".16b, v" #a1 ".16b \n"
/// Adds the parts and stores outputs of one row.
#define STORE_SUMS(s0, s1, s2, s3, address)                                                                     \
  "addp v" #s0 ".4s, v" #s0 ".4s, v" #s1 ".4s \n addp v" #s2 ".4s, v" #s2 ".4s, v" #s3 ".4s \n" \
  "stp q" #s0 ", q" #s2 ", [%[sums], #" #address "] \n"

void drift_tile_sums_8x16_neon(
    const int8_t *const *rows, const int8_t *weights, const drift_tile *tile, uint32_t row_count, int32_t *sums) {
  for (uint32_t row = 0; row < row_count; row += 2, sums += 2 * DRIFT_BLOCK_OUTPUTS) {
    const int8_t *const *row_pointers = rows + row;
    const int8_t *x0, *x1;
    uintptr_t w = (uintptr_t)weights - 256;
    const uint32_t sixteens = tile->words / 4;
    uint32_t taps = tile->taps, count;
    __asm__ volatile(
        "ldp q16, q17, [%[offset]] \n ldp q18, q19, [%[offset], #32] \n movi v20.4s, #0 \n"
        START_SUMS(16, 0, 1, 8, 9) START_SUMS(17, 2, 3, 10, 11) START_SUMS(18, 4, 5, 12, 13) START_SUMS(19, 6, 7, 14, 15)
        "cbz %w[sixteens], 5f \n"
        "1: \n"  // the next tap
        "ldp %[x0], %[x1], [%[rows]], #64 \n"
        NEXT_WEIGHTS_A WORDS_A WEIGHTS_B(64) WORDS_B
        "cbz %w[turns], 3f \n"
        "mov %w[count], %w[turns] \n"
        "2: \n"  // 32 inputs, then the first operands of the next 16
        SIXTEEN_INPUTS(NEXT_WEIGHTS_A WORDS_A, WEIGHTS_B(64) WORDS_B)
        SIXTEEN_INPUTS(NEXT_WEIGHTS_A WORDS_A, WEIGHTS_B(64) WORDS_B)
        "subs %w[count], %w[count], #1 \n"
        "b.ne 2b \n"
        "3: \n"
        "tbnz %w[sixteens], #0, 4f \n"
        SIXTEEN_INPUTS(NEXT_WEIGHTS_A WORDS_A, WEIGHTS_B(64) WORDS_B)
        "4: \n"
        SIXTEEN_INPUTS(, )  // the last 16 of the tap
        "cbnz %w[rest], 6f \n"
        "subs %w[taps], %w[taps], #1 \n"
        "b.ne 1b \n"
        "b 9f \n"
        "5: \n"  // a tap of fewer than 16 inputs
        "ldp %[x0], %[x1], [%[rows]], #64 \n"
        "6: \n"
        "tbz %w[rest], #1, 7f \n"
        NEXT_WEIGHTS_A WORDS_A WEIGHTS_B(64) WORDS_B
        EIGHT_INPUTS(WEIGHTS_A(32), WEIGHTS_B(96), , )
        "sub %[w], %[w], #128 \n"
        "7: \n"
        "tbz %w[rest], #0, 8f \n"
        NEXT_WEIGHTS_A WEIGHTS_B(32) WORDS_A
        MULTIPLY(16, 17) WIDEN_FIRST MULTIPLY(18, 19) WIDEN_LAST
        "sub %[w], %[w], #192 \n"
        "8: \n"
        "subs %w[taps], %w[taps], #1 \n"
        "b.eq 9f \n"
        "cbnz %w[sixteens], 1b \n"
        "b 5b \n"
        "9: \n"
        STORE_SUMS(0, 1, 2, 3, 0) STORE_SUMS(4, 5, 6, 7, 32) STORE_SUMS(8, 9, 10, 11, 64) STORE_SUMS(12, 13, 14, 15, 96)
        : [rows] "+&r"(row_pointers), [w] "+&r"(w), [taps] "+&r"(taps), [count] "=&r"(count), [x0] "=&r"(x0), [x1] "=&r"(x1)
        : [sixteens] "r"(sixteens), [turns] "r"((sixteens - 1) / 2), [rest] "r"(tile->words % 4), [offset] "r"(tile->offset),
          [sums] "r"(sums)
        : "cc", "memory", "v0", "v1", "v2", "v3", "v4", "v5", "v6", "v7", "v8", "v9", "v10", "v11", "v12", "v13", "v14", "v15",
          "v16", "v17", "v18", "v19", "v20", "v21", "v22", "v23", "v24", "v25", "v26", "v27", "v28", "v29", "v30", "v31");
  }
}

#endif
