// The files of proto-free-schemas/guance that the demo relays with, as they were when the program was built.
#pragma once

#include <string_view>

namespace tocsin::app {

extern const std::string_view demo_event_schema;
extern const std::string_view demo_mapping;

} // namespace tocsin::app
