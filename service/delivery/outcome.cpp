#include "delivery/outcome.hpp"

namespace tocsin::delivery {

std::string_view to_string(outcome value) noexcept {
  switch (value) {
  case outcome::delivered: return "delivered";
  case outcome::skipped: return "skipped";
  case outcome::rejected: return "rejected";
  case outcome::try_again: return "try_again";
  case outcome::endpoint_fault: return "endpoint_fault";
  }
  return "unknown";
}

std::string_view to_string(retry_reason value) noexcept {
  switch (value) {
  case retry_reason::none: return "none";
  case retry_reason::status: return "status";
  case retry_reason::timeout: return "timeout";
  case retry_reason::connect: return "connect";
  case retry_reason::dns: return "dns";
  case retry_reason::tls: return "tls";
  case retry_reason::reset: return "reset";
  case retry_reason::protocol: return "protocol";
  }
  return "unknown";
}

std::string_view to_string(settlement value) noexcept {
  switch (value) {
  case settlement::delivered: return "delivered";
  case settlement::skipped: return "skipped";
  case settlement::dead_lettered: return "dead_lettered";
  case settlement::dropped: return "dropped";
  case settlement::returned: return "returned";
  }
  return "unknown";
}

} // namespace tocsin::delivery
