// The functions are written in Swift, in the module Spindrift; this file makes a compiler read the header on its own.
#include "spindrift.h"
