// Around the products of attention, for every ARM set: operands as weights, and the softmax's exponentials.
#if defined(__aarch64__) || (defined(__arm__) && defined(__ARM_NEON))

#include "drift_neon.h"
#include "drift_neon_store.h"

/// `bytes` bytes in the order of memory, then zeros. bytes: at most 16.
INLINE int8x16_t load_bytes(const int8_t *from, size_t bytes) {
  if (bytes == 16) return vld1q_s8(from);
  int8_t copy[16] = {0};
  memcpy(copy, from, bytes);
  return vld1q_s8(copy);
}

/// The transpose of 4 words of 4 tokens: word i of each token in turn.
INLINE int32x4x4_t transposed(const int8x16_t *tokens) {
  const int32x4x2_t a = vtrnq_s32(vreinterpretq_s32_s8(tokens[0]), vreinterpretq_s32_s8(tokens[1]));
  const int32x4x2_t b = vtrnq_s32(vreinterpretq_s32_s8(tokens[2]), vreinterpretq_s32_s8(tokens[3]));
  int32x4x4_t words;
  words.val[0] = vcombine_s32(vget_low_s32(a.val[0]), vget_low_s32(b.val[0]));
  words.val[1] = vcombine_s32(vget_low_s32(a.val[1]), vget_low_s32(b.val[1]));
  words.val[2] = vcombine_s32(vget_high_s32(a.val[0]), vget_high_s32(b.val[0]));
  words.val[3] = vcombine_s32(vget_high_s32(a.val[1]), vget_high_s32(b.val[1]));
  return words;
}

/// Four tokens fill a quarter of a block: 16 of the 64 bytes of each word.
void drift_pack_keys_neon(
    const int8_t *keys, size_t stride, uint32_t tokens, uint32_t depth, int8_t *packed, int32_t *row_sums) {
  const uint32_t words = (depth + 3) / 4, rows = (tokens + 15) / 16 * 16;
  for (uint32_t token = 0; token < rows; token += 4) {
    int8_t *out = packed + (size_t)(token / 16) * words * 64 + token % 16 * 4;
    int32x4_t sums = vdupq_n_s32(0);
    for (uint32_t c = 0; c < depth; c += 16) {
      const uint32_t bytes = depth - c < 16 ? depth - c : 16;
      int8x16_t x[4];
      UNROLL
      for (uint32_t i = 0; i < 4; i++) {
        x[i] = token + i < tokens ? load_bytes(keys + (token + i) * stride + c, bytes) : vdupq_n_s8(0);
      }
      const int32x4x4_t y = transposed(x);
      UNROLL
      for (uint32_t i = 0; i < 4; i++) {
        const int8x16_t word = vreinterpretq_s8_s32(y.val[i]);
        sums = vpadalq_s16(sums, vpaddlq_s8(word));
        if (c + 4 * i < depth) vst1q_s8(out + (c / 4 + i) * 64, word);
      }
    }
    vst1q_s32(row_sums + token, sums);
  }
}

/// Adds 4 tokens' values of 16 columns.
INLINE void add_columns(int32x4_t *sums, const int8x16_t *x) {
  const int16x8_t low = vaddq_s16(
      vaddl_s8(vget_low_s8(x[0]), vget_low_s8(x[1])), vaddl_s8(vget_low_s8(x[2]), vget_low_s8(x[3])));
  const int16x8_t high = vaddq_s16(
      vaddl_s8(vget_high_s8(x[0]), vget_high_s8(x[1])), vaddl_s8(vget_high_s8(x[2]), vget_high_s8(x[3])));
  sums[0] = vaddw_s16(sums[0], vget_low_s16(low));
  sums[1] = vaddw_s16(sums[1], vget_high_s16(low));
  sums[2] = vaddw_s16(sums[2], vget_low_s16(high));
  sums[3] = vaddw_s16(sums[3], vget_high_s16(high));
}

/// The bytes of 4 tokens interleave.
void drift_pack_values_neon(
    const int8_t *values, size_t stride, uint32_t tokens, uint32_t depth, int8_t *packed, int32_t *column_sums) {
  for (uint32_t c = 0; c < depth; c += 16) {
    const uint32_t bytes = depth - c < 16 ? depth - c : 16;
    int32x4_t sums[4];
    UNROLL
    for (int i = 0; i < 4; i++) sums[i] = vdupq_n_s32(0);
    for (uint32_t token = 0; token < tokens; token += 4, packed += 64) {
      int8x16x4_t x;
      UNROLL
      for (uint32_t i = 0; i < 4; i++) {
        x.val[i] = token + i < tokens ? load_bytes(values + (token + i) * stride + c, bytes) : vdupq_n_s8(0);
      }
      add_columns(sums, x.val);
      vst4q_s8(packed, x);
    }
    UNROLL
    for (int i = 0; i < 4; i++) vst1q_s32(column_sums + c + 4 * i, sums[i]);
  }
}

INLINE int32_t largest(const int32_t *logits, uint32_t tokens) {
  int32_t maximum = logits[0];
  uint32_t j = 0;
  if (tokens >= 16) {
    int32x4_t most = vld1q_s32(logits);
    for (; j + 16 <= tokens; j += 16) {
      const int32x4_t a = vmaxq_s32(vld1q_s32(logits + j), vld1q_s32(logits + j + 4));
      const int32x4_t b = vmaxq_s32(vld1q_s32(logits + j + 8), vld1q_s32(logits + j + 12));
      most = vmaxq_s32(most, vmaxq_s32(a, b));
    }
#if defined(__aarch64__)
    maximum = vmaxvq_s32(most);
#else
    const int32x2_t pair = vpmax_s32(vget_low_s32(most), vget_high_s32(most));
    maximum = vget_lane_s32(vpmax_s32(pair, pair), 0);
#endif
  }
  for (; j < tokens; j++) maximum = logits[j] > maximum ? logits[j] : maximum;
  return maximum;
}

/// Indices of 4 logits' entries.
INLINE int32x4_t entries_of(int32x4_t logits, int32x4_t maximum, float32x4_t factor) {
  const float32x4_t distance = vmulq_f32(vcvtq_f32_s32(vsubq_s32(maximum, logits)), factor);
  return round_to_even(vminq_f32(distance, vdupq_n_f32(2047.0f)));
}

int32_t drift_exponentiate_neon(
    const int32_t *logits, uint32_t tokens, float factor, const uint8_t *table, int8_t *probabilities) {
  const int32_t maximum = largest(logits, tokens);
  const int32x4_t top = vdupq_n_s32(maximum);
  const float32x4_t f = vdupq_n_f32(factor);
  const uint8x16_t middle = vdupq_n_u8(128);
  uint32x4_t totals = vdupq_n_u32(0);
  uint32_t j = 0;
  for (; j + 16 <= tokens; j += 16) {
    uint8_t p[16];
    UNROLL
    for (int k = 0; k < 16; k += 4) {
      const int32x4_t entries = entries_of(vld1q_s32(logits + j + k), top, f);
      p[k] = table[vgetq_lane_s32(entries, 0)];
      p[k + 1] = table[vgetq_lane_s32(entries, 1)];
      p[k + 2] = table[vgetq_lane_s32(entries, 2)];
      p[k + 3] = table[vgetq_lane_s32(entries, 3)];
    }
    const uint8x16_t v = vld1q_u8(p);
    totals = vpadalq_u16(totals, vpaddlq_u8(v));
    vst1q_s8(probabilities + j, vreinterpretq_s8_u8(veorq_u8(v, middle)));
  }
  uint32_t total = vgetq_lane_u32(totals, 0) + vgetq_lane_u32(totals, 1) + vgetq_lane_u32(totals, 2) + vgetq_lane_u32(totals, 3);
  for (; j < tokens; j++) {
    const float distance = (float)(maximum - logits[j]) * factor;
    const int32_t p = table[drift_rne(distance < 2047.0f ? distance : 2047.0f)];
    probabilities[j] = (int8_t)(p - 128);
    total += (uint32_t)p;
  }
  for (; j % 4 != 0; j++) probabilities[j] = 0;
  return (int32_t)total;
}

#endif
