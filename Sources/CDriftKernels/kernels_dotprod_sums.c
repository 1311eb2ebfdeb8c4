// The sums of a whole tile on 64-bit ARM with the dot product.
#if defined(__aarch64__)

#include "drift_neon.h"

// Six rows by 16 outputs, in assembly because it needs all 32 vector registers:
//
//   v0-v23   sums; row r has v4r to v4r+3
//   v24-v29  inputs: up to 16 of each row
//   v30-v31  weights of 4 inputs for 8 outputs
//
// Per 16 inputs of 6 rows and 16 outputs, which is 1536 multiply-adds: 96 SDOT, 8 LDP and 6 LDR. A Cortex-A76 starts two SDOT a
// cycle and loads beside them, so that it is bound by the products alone: 48 cycles, 32 multiply-adds a cycle. The loop over 32
// inputs has 222 instructions for 3072 multiply-adds.

#define DOT(lane, w, s0, s1, s2, s3, s4, s5)                                                                             \
  "sdot v" #s0 ".4s, v" #w ".16b, v24.4b[" #lane "] \n sdot v" #s1 ".4s, v" #w ".16b, v25.4b[" #lane "] \n" \
  "sdot v" #s2 ".4s, v" #w ".16b, v26.4b[" #lane "] \n sdot v" #s3 ".4s, v" #w ".16b, v27.4b[" #lane "] \n" \
  "sdot v" #s4 ".4s, v" #w ".16b, v28.4b[" #lane "] \n sdot v" #s5 ".4s, v" #w ".16b, v29.4b[" #lane "] \n"
/// 4 inputs, in lane `lane` of the rows' vectors; low, high: where the weights of outputs 0 and 8 are.
#define WORD(lane, low, high)                                             \
  "ldp q30, q31, [%[w]" low " \n"                                      \
  DOT(lane, 30, 0, 4, 8, 12, 16, 20) DOT(lane, 31, 1, 5, 9, 13, 17, 21)  \
  "ldp q30, q31, [%[w], #" high "] \n"                                 \
  DOT(lane, 30, 2, 6, 10, 14, 18, 22) DOT(lane, 31, 3, 7, 11, 15, 19, 23)

#define SIXTEEN_INPUTS                                                                                    \
  "ldr q24, [%[x0]], #16 \n ldr q25, [%[x1]], #16 \n ldr q26, [%[x2]], #16 \n"                            \
  "ldr q27, [%[x3]], #16 \n ldr q28, [%[x4]], #16 \n ldr q29, [%[x5]], #16 \n"                            \
  WORD(0, "], #256", "-224") WORD(1, ", #-192]", "-160") WORD(2, ", #-128]", "-96") WORD(3, ", #-64]", "-32")

#define ROW_POINTERS                                                                        \
  "ldp %[x0], %[x1], [%[rows]], #48 \n ldp %[x2], %[x3], [%[rows], #-32] \n" \
  "ldp %[x4], %[x5], [%[rows], #-16] \n"

#define COPY(from, a, b, c, d, e)                                                                   \
  "mov v" #a ".16b, v" #from ".16b \n mov v" #b ".16b, v" #from ".16b \n mov v" #c ".16b, v" #from ".16b \n" \
  "mov v" #d ".16b, v" #from ".16b \n mov v" #e ".16b, v" #from ".16b \n"
#define STORE(a, b, c, d, address) \
  "stp q" #a ", q" #b ", [%[sums], #" #address "] \n stp q" #c ", q" #d ", [%[sums], #" #address " + 32] \n"

__attribute__((target("dotprod")))
void drift_tile_sums_6x16_dotprod(const int8_t *const *rows, const int8_t *weights, const drift_tile *tile, int32_t *sums) {
  const int8_t *x0, *x1, *x2, *x3, *x4, *x5;
  uint32_t taps = tile->taps, count;
  __asm__ volatile(
      "ldp q0, q1, [%[offset]] \n ldp q2, q3, [%[offset], #32] \n"
      COPY(0, 4, 8, 12, 16, 20) COPY(1, 5, 9, 13, 17, 21) COPY(2, 6, 10, 14, 18, 22) COPY(3, 7, 11, 15, 19, 23)
      "cbz %w[pairs], 3f \n"
      "1: \n"  // the next tap
      ROW_POINTERS
      "mov %w[count], %w[pairs] \n"
      "2: \n"  // 32 inputs
      SIXTEEN_INPUTS SIXTEEN_INPUTS
      "subs %w[count], %w[count], #1 \n"
      "b.ne 2b \n"
      "cbnz %w[rest], 4f \n"
      "subs %w[taps], %w[taps], #1 \n"
      "b.ne 1b \n"
      "b 8f \n"
      "3: \n"  // a tap of fewer than 32 inputs
      ROW_POINTERS
      "4: \n"  // the rest of a tap
      "tbz %w[rest], #2, 5f \n"
      SIXTEEN_INPUTS
      "5: \n"
      "ands %w[count], %w[rest], #3 \n"
      "b.eq 7f \n"
      "6: \n"  // 4 inputs
      "ld1r {v24.4s}, [%[x0]], #4 \n ld1r {v25.4s}, [%[x1]], #4 \n ld1r {v26.4s}, [%[x2]], #4 \n"
      "ld1r {v27.4s}, [%[x3]], #4 \n ld1r {v28.4s}, [%[x4]], #4 \n ld1r {v29.4s}, [%[x5]], #4 \n"
      WORD(0, "], #64", "-32")
      "subs %w[count], %w[count], #1 \n"
      "b.ne 6b \n"
      "7: \n"
      "subs %w[taps], %w[taps], #1 \n"
      "b.eq 8f \n"
      "cbnz %w[pairs], 1b \n"
      "b 3b \n"
      "8: \n"
      STORE(0, 1, 2, 3, 0) STORE(4, 5, 6, 7, 64) STORE(8, 9, 10, 11, 128)
      STORE(12, 13, 14, 15, 192) STORE(16, 17, 18, 19, 256) STORE(20, 21, 22, 23, 320)
      : [rows] "+&r"(rows), [w] "+&r"(weights), [taps] "+&r"(taps), [count] "=&r"(count), [x0] "=&r"(x0), [x1] "=&r"(x1),
        [x2] "=&r"(x2), [x3] "=&r"(x3), [x4] "=&r"(x4), [x5] "=&r"(x5)
      : [pairs] "r"(tile->words / 8), [rest] "r"(tile->words % 8), [offset] "r"(tile->offset), [sums] "r"(sums)
      : "cc", "memory", "v0", "v1", "v2", "v3", "v4", "v5", "v6", "v7", "v8", "v9", "v10", "v11", "v12", "v13", "v14", "v15", "v16",
        "v17", "v18", "v19", "v20", "v21", "v22", "v23", "v24", "v25", "v26", "v27", "v28", "v29", "v30", "v31");
}

#endif
