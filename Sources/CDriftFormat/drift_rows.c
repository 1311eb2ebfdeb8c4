#include "drift_refuse.h"

#include "drift_format.h"

/// One row of 16 outputs and 4 inputs at a time, in the order of the packed weights.
drift_weights_verdict drift_rows_verify(const int8_t *rows, const int8_t *weights, uint32_t outputs, uint32_t taps, uint32_t inputs,
                                        drift_weights_report *report) {
  const uint32_t blocks = (outputs + DRIFT_OUTPUT_BLOCK - 1) / DRIFT_OUTPUT_BLOCK;
  const uint32_t words = (inputs + DRIFT_INPUT_BLOCK - 1) / DRIFT_INPUT_BLOCK;
  const uint64_t row_bytes = (uint64_t)blocks * DRIFT_OUTPUT_BLOCK;
  for (uint32_t block = 0; block < blocks; block += 1) {
    for (uint32_t tap = 0; tap < taps; tap += 1) {
      for (uint32_t word = 0; word < words; word += 1, weights += DRIFT_OUTPUT_BLOCK * DRIFT_INPUT_BLOCK) {
        for (uint32_t i = 0; i < DRIFT_INPUT_BLOCK && word * DRIFT_INPUT_BLOCK + i < inputs; i += 1) {
          const uint64_t row = (uint64_t)tap * inputs + word * DRIFT_INPUT_BLOCK + i;
          const uint64_t start = row * row_bytes + (uint64_t)block * DRIFT_OUTPUT_BLOCK;
          for (uint32_t o = 0; o < DRIFT_OUTPUT_BLOCK; o += 1) {
            const int8_t expected = weights[o * DRIFT_INPUT_BLOCK + i];
            if (rows[start + o] == expected) continue;
            return drift_refuse(DRIFT_WEIGHTS_SUM, report, start + o, expected, rows[start + o]);
          }
        }
      }
    }
  }
  return DRIFT_WEIGHTS_VALID;
}
