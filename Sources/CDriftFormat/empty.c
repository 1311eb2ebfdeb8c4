// The module is its header: record layouts. SwiftPM wants one source file in a C target.
#include "drift_format.h"
