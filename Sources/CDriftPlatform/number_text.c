#include "number_text.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

int32_t drift_parse_costs(const char *text, float *values) {
  if (text[strspn(text, "+-.0123456789eE,")] != 0) return 0;
  for (int i = 0; i < 5; i++) {
    char *end;
    values[i] = strtof(text, &end);
    if (end == text || *end != (i < 4 ? ',' : 0) || !(values[i] > 0 && values[i] <= 1e6f)) return 0;
    text = end + 1;
  }
  return 1;
}

int32_t drift_parse_float(const char *text, float *value) {
  // strtof alone would take "inf", "0x1p3" and leading spaces as well.
  if (text[0] == 0 || text[strspn(text, "+-.0123456789eE")] != 0) return 0;
  char *end;
  *value = strtof(text, &end);
  return end != text && *end == 0 && isfinite(*value);
}
