// Conversions that Embedded Swift on 32-bit ARM compiles into calls that may allocate.
#ifndef DRIFT_CONVERT_H
#define DRIFT_CONVERT_H

#include <stdint.h>

/// The nearest f32, ties to even.
static inline float drift_f32_from_i32(int32_t value) { return (float)value; }

/// The nearest f32, ties to even: one rounding, never through f64.
static inline float drift_f32_from_i64(int64_t value) { return (float)value; }

#endif
