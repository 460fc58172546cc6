#include "write/gateway.hpp"
