// Numbers in text that a person wrote, without allocating.
#ifndef DRIFT_NUMBER_TEXT_H
#define DRIFT_NUMBER_TEXT_H

#include <stdint.h>

#pragma clang assume_nonnull begin

/// Reads a decimal number, such as "-1.5" or "2e3", correctly rounded. Returns 1, or 0 if the text is anything else or not finite.
int32_t drift_parse_float(const char *text, float *value);

/// Reads five positive numbers up to a million with commas between them. Returns 1, or 0 if the text is anything else.
int32_t drift_parse_costs(const char *text, float *values);

#pragma clang assume_nonnull end

#endif
