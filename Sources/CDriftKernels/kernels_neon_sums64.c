// The sums of a tile on 64-bit ARM without the dot product.
#if defined(__aarch64__)

#include "drift_neon.h"

// Two rows by 16 outputs, in assembly because it needs all 32 vector registers and its order:
//
//   v0-v7    sums of row 0; vector i holds outputs 2i and 2i + 1 in two parts each, added up at the end
//   v8-v15   sums of row 1
//   v16-v17  weights of word A (4 inputs) for 8 outputs, v18-v19 those of word B, the next 4 inputs
//   v20-v27  products of A and B for 8 outputs, row 0 and row 1
//   v28-v31  word A of row 0 and row 1, word B of row 0 and row 1, each in all four lanes
//
// Two products share an int16 lane before it is widened: 2 * 127 * 128 = 32512 fits, since weights are never -128. So 8 multiply-adds
// cost one SMULL or SMLAL and half a SADALP. Per 8 inputs of 2 rows and 16 outputs, which is 256 multiply-adds: 32 multiplies, 16
// SADALP, 4 LDP and 4 LD1R. That takes 32 cycles of the one multiplier of a Cortex-A72 (8 multiply-adds a cycle; everything else runs
// beside it) and 48 of the one vector unit of a Cortex-A53. The loop over 16 inputs has 114 instructions for 512 multiply-adds.
//
// An in-order core waits for nothing: 8 instructions lie between a product and its use, 8 to 16 between a load and its use.

#define MULTIPLY(w0, w1)                                                    \
  "smull  v20.8h, v" #w0 ".8b,  v28.8b  \n smull2 v21.8h, v" #w0 ".16b, v28.16b \n" \
  "smull  v22.8h, v" #w1 ".8b,  v28.8b  \n smull2 v23.8h, v" #w1 ".16b, v28.16b \n" \
  "smull  v24.8h, v" #w0 ".8b,  v29.8b  \n smull2 v25.8h, v" #w0 ".16b, v29.16b \n" \
  "smull  v26.8h, v" #w1 ".8b,  v29.8b  \n smull2 v27.8h, v" #w1 ".16b, v29.16b \n"

#define MULTIPLY_ADD                                                 \
  "smlal  v20.8h, v18.8b,  v30.8b  \n smlal2 v21.8h, v18.16b, v30.16b \n" \
  "smlal  v22.8h, v19.8b,  v30.8b  \n smlal2 v23.8h, v19.16b, v30.16b \n" \
  "smlal  v24.8h, v18.8b,  v31.8b  \n smlal2 v25.8h, v18.16b, v31.16b \n" \
  "smlal  v26.8h, v19.8b,  v31.8b  \n smlal2 v27.8h, v19.16b, v31.16b \n"

#define WIDEN(a0, a1, a2, a3, b0, b1, b2, b3)                             \
  "sadalp v" #a0 ".4s, v20.8h \n sadalp v" #a1 ".4s, v21.8h \n" \
  "sadalp v" #a2 ".4s, v22.8h \n sadalp v" #a3 ".4s, v23.8h \n" \
  "sadalp v" #b0 ".4s, v24.8h \n sadalp v" #b1 ".4s, v25.8h \n" \
  "sadalp v" #b2 ".4s, v26.8h \n sadalp v" #b3 ".4s, v27.8h \n"
#define WIDEN_FIRST WIDEN(0, 1, 2, 3, 8, 9, 10, 11)
#define WIDEN_LAST WIDEN(4, 5, 6, 7, 12, 13, 14, 15)

#define WEIGHTS_A(address) "ldp q16, q17, [%[w], #" #address "] \n"
#define WEIGHTS_B(address) "ldp q18, q19, [%[w], #" #address "] \n"
/// Moves on to the weights of the next 16 inputs.
#define WEIGHTS_A_ONWARD "ldp q16, q17, [%[w], #256]! \n"
#define WORDS_A "ld1r {v28.4s}, [%[x0]], #4 \n ld1r {v29.4s}, [%[x1]], #4 \n"
#define WORDS_B "ld1r {v30.4s}, [%[x0]], #4 \n ld1r {v31.4s}, [%[x1]], #4 \n"

/// 8 inputs. Whatever follows their use is loaded for the next 8.
#define EIGHT_INPUTS(last_a, last_b, next_a, next_b)    \
  MULTIPLY(16, 17) last_a MULTIPLY_ADD last_b WIDEN_FIRST \
  MULTIPLY(16, 17) next_a MULTIPLY_ADD next_b WIDEN_LAST
#define FIRST_EIGHT \
  EIGHT_INPUTS(WEIGHTS_A(32), WEIGHTS_B(96), WEIGHTS_A(128) WORDS_A, WEIGHTS_B(192) WORDS_B)
#define LAST_EIGHT(next_a, next_b) EIGHT_INPUTS(WEIGHTS_A(160), WEIGHTS_B(224), next_a, next_b)

void drift_sums_2x16_neon(const int8_t *const *rows, const int8_t *weights, const drift_tile *tile, int32_t *sums) {
  uint32_t taps = tile->taps, sixteens;
  const int8_t *x0, *x1;
  __asm__ volatile(
      "movi v0.4s, #0 \n movi v1.4s, #0 \n movi v2.4s, #0 \n movi v3.4s, #0 \n"
      "movi v4.4s, #0 \n movi v5.4s, #0 \n movi v6.4s, #0 \n movi v7.4s, #0 \n"
      "movi v8.4s, #0 \n movi v9.4s, #0 \n movi v10.4s, #0 \n movi v11.4s, #0 \n"
      "movi v12.4s, #0 \n movi v13.4s, #0 \n movi v14.4s, #0 \n movi v15.4s, #0 \n"
      "1: \n"  // the next tap
      "ldp %[x0], %[x1], [%[rows]], #16 \n"
      "lsr %w[sixteens], %w[words], #2 \n"
      "cbz %w[sixteens], 4f \n"
      WEIGHTS_A(0) WORDS_A WEIGHTS_B(64) WORDS_B
      "subs %w[sixteens], %w[sixteens], #1 \n"
      "b.eq 3f \n"
      "2: \n"  // 16 inputs, then the first weights of the next 16
      FIRST_EIGHT LAST_EIGHT(WEIGHTS_A_ONWARD WORDS_A, WEIGHTS_B(64) WORDS_B)
      "subs %w[sixteens], %w[sixteens], #1 \n"
      "b.ne 2b \n"
      "3: \n"  // the last 16 of the tap
      FIRST_EIGHT LAST_EIGHT(, )
      "add %[w], %[w], #256 \n"
      "4: \n"
      "tbz %w[words], #1, 5f \n"
      WEIGHTS_A(0) WORDS_A WEIGHTS_B(64) WORDS_B
      EIGHT_INPUTS(WEIGHTS_A(32), WEIGHTS_B(96), , )
      "add %[w], %[w], #128 \n"
      "5: \n"
      "tbz %w[words], #0, 6f \n"
      WEIGHTS_A(0) WEIGHTS_B(32) WORDS_A
      "add %[w], %[w], #64 \n"
      MULTIPLY(16, 17) WIDEN_FIRST MULTIPLY(18, 19) WIDEN_LAST
      "6: \n"
      "subs %w[taps], %w[taps], #1 \n"
      "b.ne 1b \n"
      // The two parts of each output, and its offset.
      "ldp q16, q17, [%[offset]] \n"
      "ldp q18, q19, [%[offset], #32] \n"
      "addp v0.4s, v0.4s, v1.4s \n addp v2.4s, v2.4s, v3.4s \n addp v4.4s, v4.4s, v5.4s \n addp v6.4s, v6.4s, v7.4s \n"
      "addp v8.4s, v8.4s, v9.4s \n addp v10.4s, v10.4s, v11.4s \n addp v12.4s, v12.4s, v13.4s \n addp v14.4s, v14.4s, v15.4s \n"
      "add v0.4s, v0.4s, v16.4s \n add v2.4s, v2.4s, v17.4s \n add v4.4s, v4.4s, v18.4s \n add v6.4s, v6.4s, v19.4s \n"
      "add v8.4s, v8.4s, v16.4s \n add v10.4s, v10.4s, v17.4s \n add v12.4s, v12.4s, v18.4s \n add v14.4s, v14.4s, v19.4s \n"
      "stp q0, q2, [%[sums]] \n stp q4, q6, [%[sums], #32] \n stp q8, q10, [%[sums], #64] \n stp q12, q14, [%[sums], #96] \n"
      : [rows] "+&r"(rows), [w] "+&r"(weights), [taps] "+&r"(taps), [sixteens] "=&r"(sixteens), [x0] "=&r"(x0), [x1] "=&r"(x1)
      : [words] "r"(tile->words), [offset] "r"(tile->offset), [sums] "r"(sums)
      : "cc", "memory", "v0", "v1", "v2", "v3", "v4", "v5", "v6", "v7", "v8", "v9", "v10", "v11", "v12", "v13", "v14", "v15", "v16",
        "v17", "v18", "v19", "v20", "v21", "v22", "v23", "v24", "v25", "v26", "v27", "v28", "v29", "v30", "v31");
}

#endif
