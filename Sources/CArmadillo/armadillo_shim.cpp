#include "armadillo_shim.h"
