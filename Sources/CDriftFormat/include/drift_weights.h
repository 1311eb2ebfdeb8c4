// Checks of packed convolution weights, in one pass over their bytes.
#ifndef DRIFT_WEIGHTS_H
#define DRIFT_WEIGHTS_H

#include <stdint.h>

typedef enum drift_weights_verdict {
  DRIFT_WEIGHTS_VALID = 0,
  DRIFT_WEIGHTS_OUT_OF_RANGE = 1,    // a weight is -128
  DRIFT_WEIGHTS_PADDING = 2,         // a weight of a padding channel is not 0
  DRIFT_WEIGHTS_SUM = 3,             // a stored sum is not the sum of its channel's weights
  DRIFT_WEIGHTS_ACCUMULATOR = 4,     // sum of magnitudes times 256 reaches 2^31
} drift_weights_verdict;

/// Where and how packed weights break a rule.
typedef struct drift_weights_report {
  uint64_t position;  // byte of the weights, or channel of the sums
  int64_t expected;
  int64_t found;
} drift_weights_report;

/// Checks weights [ceil(outputs/16)][taps][ceil(inputs/4)][16][4] against their sums [outputs].
///
/// `outputs` and `inputs` are at most 65535 and taps at most 65025, so that no count below overflows.
drift_weights_verdict drift_weights_verify(const int8_t *weights, const int32_t *sums, uint32_t outputs, uint32_t taps,
                                           uint32_t inputs, drift_weights_report *report);

/// Checks depthwise weights [taps][outputs rounded up to 16] against their sums [outputs]. Their accumulators need no check: a channel
/// has at most 65025 weights, whose magnitudes add up to less than 2^23.
drift_weights_verdict drift_depthwise_verify(const int8_t *weights, const int32_t *sums, uint32_t outputs, uint32_t taps,
                                             drift_weights_report *report);

/// Checks that rows [taps][inputs][outputs rounded up to 16] hold what packed weights hold, whose padding outputs are 0. On a difference the
/// verdict is DRIFT_WEIGHTS_SUM and the position is the byte of the rows.
drift_weights_verdict drift_rows_verify(const int8_t *rows, const int8_t *weights, uint32_t outputs, uint32_t taps, uint32_t inputs,
                                        drift_weights_report *report);

#endif
