// One libFuzzer program for each target: TOCSIN_FUZZ_TARGET names the function.
#include "fuzz/json_e_targets.hpp"

#include <cstddef>
#include <cstdint>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  tocsin::fuzz::TOCSIN_FUZZ_TARGET({reinterpret_cast<const char*>(data), size});
  return 0;
}
