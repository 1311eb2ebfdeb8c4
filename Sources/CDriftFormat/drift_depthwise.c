#include "drift_format.h"
#include "drift_refuse.h"

drift_weights_verdict drift_depthwise_verify(const int8_t *weights, const int32_t *sums, uint32_t outputs, uint32_t taps,
                                             drift_weights_report *report) {
  const uint64_t width = ((uint64_t)outputs + DRIFT_OUTPUT_BLOCK - 1) / DRIFT_OUTPUT_BLOCK * DRIFT_OUTPUT_BLOCK;
  for (uint32_t first = 0; first < outputs; first += DRIFT_OUTPUT_BLOCK) {
    const uint32_t channels = outputs - first < DRIFT_OUTPUT_BLOCK ? outputs - first : DRIFT_OUTPUT_BLOCK;
    int32_t total[DRIFT_OUTPUT_BLOCK] = {0};
    for (uint32_t tap = 0; tap < taps; tap += 1) {
      const uint64_t start = tap * width + first;
      for (uint32_t channel = 0; channel < DRIFT_OUTPUT_BLOCK; channel += 1) {
        const int32_t value = weights[start + channel];
        if (value == -128) return drift_refuse(DRIFT_WEIGHTS_OUT_OF_RANGE, report, start + channel, -127, -128);
        if (channel >= channels && value != 0) return drift_refuse(DRIFT_WEIGHTS_PADDING, report, start + channel, 0, value);
        total[channel] += value;
      }
    }
    for (uint32_t channel = 0; channel < channels; channel += 1) {
      if (sums[first + channel] == total[channel]) continue;
      return drift_refuse(DRIFT_WEIGHTS_SUM, report, first + channel, total[channel], sums[first + channel]);
    }
  }
  return DRIFT_WEIGHTS_VALID;
}
