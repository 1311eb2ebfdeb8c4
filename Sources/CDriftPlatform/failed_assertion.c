// What the C library's own assertions come to in boards' programs.
#ifdef SPINDRIFT_BOARD
#include <stdlib.h>
#include <unistd.h>

_Noreturn void __assert_fail(const char *assertion, const char *file, unsigned int line, const char *function);

/// In place of the C library's, which brings translations, conversions of character sets and wide printing along: a third of a static
/// program, for a message about the library itself.
void __assert_fail(const char *assertion, const char *file, unsigned int line, const char *function) {
  (void)file, (void)line, (void)function;
  size_t length = 0;
  while (assertion[length] != 0) length += 1;
  if (write(2, assertion, length) >= 0 && write(2, "\n", 1) >= 0) abort();
  abort();
}
#endif
