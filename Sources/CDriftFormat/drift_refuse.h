// How the checks of packed weights say what they refuse.
#ifndef DRIFT_REFUSE_H
#define DRIFT_REFUSE_H

#include "drift_weights.h"

static inline drift_weights_verdict drift_refuse(drift_weights_verdict verdict, drift_weights_report *report,
                                                 uint64_t position, int64_t expected, int64_t found) {
  report->position = position;
  report->expected = expected;
  report->found = found;
  return verdict;
}

#endif
