// The sums of a whole tile on 64-bit ARM with the int8 matrix product.
#if defined(__aarch64__)

#include "drift_neon.h"

// Six rows by 16 outputs, in assembly because it needs all 32 vector registers:
//
//   v0-v23   sums; rows 2i and 2i + 1 have v8i to v8i+7, each of them two outputs of the first row, then of the second
//   v24-v26  inputs: 8 of each row, two rows to a vector
//   v27-v31  weights
//
// SMMLA multiplies 2 rows by 2 outputs over 8 inputs, 32 multiply-adds. Zipping the weights of two words gives 2 outputs by 8
// inputs. Per 8 inputs of 6 rows and 16 outputs, which is 768 multiply-adds: 24 SMMLA, 8 ZIP, 4 LDP and 6 loads of inputs, 3 of
// which also occupy a vector unit: 35 operations of the vector units, where SDOT would need 48. The loop over 16 inputs has 86
// instructions for 1536 multiply-adds.

#define MULTIPLY(w, s0, s1, s2)                              \
  "smmla v" #s0 ".4s, v24.16b, v" #w ".16b \n"             \
  "smmla v" #s1 ".4s, v25.16b, v" #w ".16b \n"             \
  "smmla v" #s2 ".4s, v26.16b, v" #w ".16b \n"

/// 8 outputs. v27, v28: their weights of the first 4 inputs, v29, v30: of the next.
#define HALF_BLOCK(a0, a1, a2, a3, b0, b1, b2, b3, c0, c1, c2, c3)                                  \
  "zip1 v31.4s, v27.4s, v29.4s \n zip2 v27.4s, v27.4s, v29.4s \n"                                 \
  "zip1 v29.4s, v28.4s, v30.4s \n zip2 v28.4s, v28.4s, v30.4s \n"                                 \
  MULTIPLY(31, a0, b0, c0) MULTIPLY(27, a1, b1, c1) MULTIPLY(29, a2, b2, c2) MULTIPLY(28, a3, b3, c3)
#define FIRST_HALF HALF_BLOCK(0, 1, 2, 3, 8, 9, 10, 11, 16, 17, 18, 19)
#define LAST_HALF HALF_BLOCK(4, 5, 6, 7, 12, 13, 14, 15, 20, 21, 22, 23)

/// 8 inputs; the weights' addresses.
#define EIGHT_INPUTS(a0, b0, a1, b1)                                                                          \
  "ldr d24, [%[x0]], #8 \n ldr d25, [%[x2]], #8 \n ldr d26, [%[x4]], #8 \n"                                 \
  "ldp q27, q28, [%[w]" a0 " \n ldp q29, q30, [%[w], #" b0 "] \n"                                           \
  "ld1 {v24.d}[1], [%[x1]], #8 \n ld1 {v25.d}[1], [%[x3]], #8 \n ld1 {v26.d}[1], [%[x5]], #8 \n"             \
  FIRST_HALF "ldp q27, q28, [%[w], #" a1 "] \n ldp q29, q30, [%[w], #" b1 "] \n" LAST_HALF

#define ROW_POINTERS                                                                        \
  "ldp %[x0], %[x1], [%[rows]], #48 \n ldp %[x2], %[x3], [%[rows], #-32] \n" \
  "ldp %[x4], %[x5], [%[rows], #-16] \n"

/// The offsets of two pairs of outputs for both rows of each pair of rows.
#define START_SUMS(offsets, a0, a1, b0, b1, c0, c1)                                                           \
  "dup v" #a0 ".2d, v" #offsets ".d[0] \n dup v" #a1 ".2d, v" #offsets ".d[1] \n"                     \
  "mov v" #b0 ".16b, v" #a0 ".16b \n mov v" #b1 ".16b, v" #a1 ".16b \n"                               \
  "mov v" #c0 ".16b, v" #a0 ".16b \n mov v" #c1 ".16b, v" #a1 ".16b \n"
/// One row of a pair of rows.
#define STORE_ROW(zip, s0, s1, s2, s3, s4, s5, s6, s7, address)                                                       \
  zip " v24.2d, v" #s0 ".2d, v" #s1 ".2d \n" zip " v25.2d, v" #s2 ".2d, v" #s3 ".2d \n"                          \
  zip " v26.2d, v" #s4 ".2d, v" #s5 ".2d \n" zip " v27.2d, v" #s6 ".2d, v" #s7 ".2d \n"                          \
  "stp q24, q25, [%[sums], #" #address "] \n stp q26, q27, [%[sums], #" #address " + 32] \n"
#define STORE_ROWS(s0, s1, s2, s3, s4, s5, s6, s7, address)             \
  STORE_ROW("zip1", s0, s1, s2, s3, s4, s5, s6, s7, address)            \
  STORE_ROW("zip2", s0, s1, s2, s3, s4, s5, s6, s7, address + 64)

__attribute__((target("i8mm")))
void drift_tile_sums_6x16_i8mm(const int8_t *const *rows, const int8_t *weights, const drift_tile *tile, int32_t *sums) {
  const int8_t *x0, *x1, *x2, *x3, *x4, *x5;
  uint32_t taps = tile->taps, count;
  __asm__ volatile(
      "ldp q27, q28, [%[offset]] \n ldp q29, q30, [%[offset], #32] \n"
      START_SUMS(27, 0, 1, 8, 9, 16, 17) START_SUMS(28, 2, 3, 10, 11, 18, 19)
      START_SUMS(29, 4, 5, 12, 13, 20, 21) START_SUMS(30, 6, 7, 14, 15, 22, 23)
      "cbz %w[sixteens], 3f \n"
      "1: \n"  // the next tap
      ROW_POINTERS
      "mov %w[count], %w[sixteens] \n"
      "2: \n"
      EIGHT_INPUTS("], #256", "-192", "-224", "-160") EIGHT_INPUTS(", #-128]", "-64", "-96", "-32")
      "subs %w[count], %w[count], #1 \n"
      "b.ne 2b \n"
      "cbnz %w[rest], 4f \n"
      "subs %w[taps], %w[taps], #1 \n"
      "b.ne 1b \n"
      "b 7f \n"
      "3: \n"  // a tap of fewer than 16 inputs
      ROW_POINTERS
      "4: \n"
      "tbz %w[rest], #1, 5f \n"
      EIGHT_INPUTS("], #128", "-64", "-96", "-32")
      "5: \n"
      "tbz %w[rest], #0, 6f \n"  // a word alone has zeros for company
      "ldr s24, [%[x0]] \n ldr s25, [%[x2]] \n ldr s26, [%[x4]] \n"
      "ld1 {v24.s}[2], [%[x1]] \n ld1 {v25.s}[2], [%[x3]] \n ld1 {v26.s}[2], [%[x5]] \n"
      "ldp q27, q28, [%[w]], #64 \n movi v29.4s, #0 \n movi v30.4s, #0 \n"
      FIRST_HALF "ldp q27, q28, [%[w], #-32] \n movi v29.4s, #0 \n movi v30.4s, #0 \n" LAST_HALF
      "6: \n"
      "subs %w[taps], %w[taps], #1 \n"
      "b.eq 7f \n"
      "cbnz %w[sixteens], 1b \n"
      "b 3b \n"
      "7: \n"
      STORE_ROWS(0, 1, 2, 3, 4, 5, 6, 7, 0) STORE_ROWS(8, 9, 10, 11, 12, 13, 14, 15, 128)
      STORE_ROWS(16, 17, 18, 19, 20, 21, 22, 23, 256)
      : [rows] "+&r"(rows), [w] "+&r"(weights), [taps] "+&r"(taps), [count] "=&r"(count), [x0] "=&r"(x0), [x1] "=&r"(x1),
        [x2] "=&r"(x2), [x3] "=&r"(x3), [x4] "=&r"(x4), [x5] "=&r"(x5)
      : [sixteens] "r"(tile->words / 4), [rest] "r"(tile->words % 4), [offset] "r"(tile->offset), [sums] "r"(sums)
      : "cc", "memory", "v0", "v1", "v2", "v3", "v4", "v5", "v6", "v7", "v8", "v9", "v10", "v11", "v12", "v13", "v14", "v15", "v16",
        "v17", "v18", "v19", "v20", "v21", "v22", "v23", "v24", "v25", "v26", "v27", "v28", "v29", "v30", "v31");
}

#endif
