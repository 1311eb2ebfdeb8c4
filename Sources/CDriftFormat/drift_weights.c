#include "drift_refuse.h"

#include "drift_format.h"

enum { BLOCK = DRIFT_OUTPUT_BLOCK * DRIFT_INPUT_BLOCK };

/// Sums of weights and of their magnitudes for the 16 output channels of a block.
typedef struct block_sums {
  int64_t sum[DRIFT_OUTPUT_BLOCK];
  uint64_t magnitude[DRIFT_OUTPUT_BLOCK];
} block_sums;

/// Adds up to 2^15 blocks of 64 weights in 32 bits, where four weights of magnitude 128 cannot overflow.
static void add_run(const int8_t *weights, uint32_t blocks, block_sums *total) {
  int32_t sum[DRIFT_OUTPUT_BLOCK] = {0};
  uint32_t magnitude[DRIFT_OUTPUT_BLOCK] = {0};
  for (uint32_t block = 0; block < blocks; block += 1) {
    const int8_t *w = weights + (uint64_t)block * BLOCK;
    for (int channel = 0; channel < DRIFT_OUTPUT_BLOCK; channel += 1) {
      for (int input = 0; input < DRIFT_INPUT_BLOCK; input += 1) {
        int32_t value = w[channel * DRIFT_INPUT_BLOCK + input];
        sum[channel] += value;
        magnitude[channel] += (uint32_t)(value < 0 ? -value : value);
      }
    }
  }
  for (int channel = 0; channel < DRIFT_OUTPUT_BLOCK; channel += 1) {
    total->sum[channel] += sum[channel];
    total->magnitude[channel] += magnitude[channel];
  }
}

static int has_minus_128(const int8_t *weights, uint64_t count) {
  uint8_t found = 0;
  for (uint64_t i = 0; i < count; i += 1) found |= weights[i] == -128;
  return found;
}

drift_weights_verdict drift_weights_verify(const int8_t *weights, const int32_t *sums, uint32_t outputs, uint32_t taps,
                                           uint32_t inputs, drift_weights_report *report) {
  uint32_t input_blocks = (inputs + DRIFT_INPUT_BLOCK - 1) / DRIFT_INPUT_BLOCK;
  uint32_t input_tail = inputs % DRIFT_INPUT_BLOCK;
  uint64_t blocks = (uint64_t)taps * input_blocks;
  for (uint32_t first = 0; first < outputs; first += DRIFT_OUTPUT_BLOCK) {
    uint64_t start = first / DRIFT_OUTPUT_BLOCK * blocks * BLOCK;
    const int8_t *panel = weights + start;
    if (has_minus_128(panel, blocks * BLOCK)) {
      uint64_t i = 0;
      while (panel[i] != -128) i += 1;
      return drift_refuse(DRIFT_WEIGHTS_OUT_OF_RANGE, report, start + i, -127, -128);
    }

    block_sums total = {{0}, {0}};
    for (uint64_t block = 0; block < blocks; block += 32768) {
      uint64_t left = blocks - block;
      add_run(panel + block * BLOCK, (uint32_t)(left < 32768 ? left : 32768), &total);
    }

    uint32_t channels = outputs - first < DRIFT_OUTPUT_BLOCK ? outputs - first : DRIFT_OUTPUT_BLOCK;
    for (uint32_t channel = channels; channel < DRIFT_OUTPUT_BLOCK; channel += 1) {
      if (total.magnitude[channel] == 0) continue;
      for (uint64_t i = channel * DRIFT_INPUT_BLOCK;; i += i % DRIFT_INPUT_BLOCK == 3 ? BLOCK - 3 : 1) {
        if (panel[i] != 0) return drift_refuse(DRIFT_WEIGHTS_PADDING, report, start + i, 0, panel[i]);
      }
    }
    if (input_tail != 0) {
      for (uint32_t tap = 0; tap < taps; tap += 1) {
        uint64_t block = (uint64_t)(tap + 1) * input_blocks - 1;
        for (int channel = 0; channel < DRIFT_OUTPUT_BLOCK; channel += 1) {
          for (uint32_t input = input_tail; input < DRIFT_INPUT_BLOCK; input += 1) {
            uint64_t i = block * BLOCK + (uint64_t)channel * DRIFT_INPUT_BLOCK + input;
            if (panel[i] != 0) return drift_refuse(DRIFT_WEIGHTS_PADDING, report, start + i, 0, panel[i]);
          }
        }
      }
    }

    for (uint32_t channel = 0; channel < channels; channel += 1) {
      if (total.magnitude[channel] >= (uint64_t)1 << 23) {
        return drift_refuse(DRIFT_WEIGHTS_ACCUMULATOR, report, first + channel, (1 << 23) - 1, (int64_t)total.magnitude[channel]);
      }
      if (sums[first + channel] != total.sum[channel]) {
        return drift_refuse(DRIFT_WEIGHTS_SUM, report, first + channel, total.sum[channel], sums[first + channel]);
      }
    }
  }
  return DRIFT_WEIGHTS_VALID;
}
