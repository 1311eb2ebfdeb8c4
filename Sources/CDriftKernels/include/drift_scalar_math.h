// Single operations that Swift compiles into calls of a library: conversions on 32-bit ARM, the square root everywhere.
#ifndef DRIFT_SCALAR_MATH_H
#define DRIFT_SCALAR_MATH_H

#include <stdint.h>

/// The nearest f32, ties to even.
static inline float drift_f32_from_i32(int32_t value) { return (float)value; }

/// The nearest f32, ties to even: one rounding, never through f64.
static inline float drift_f32_from_i64(int64_t value) { return (float)value; }

/// The square root, rounded once; the instruction rather than the function that also sets errno.
static inline float drift_sqrt(float value) { return __builtin_elementwise_sqrt(value); }

#endif
