// What went wrong between us and Kafka, and how the room tells others what it noticed.
#pragma once

#include <boost/assert/source_location.hpp>
#include <boost/system/result.hpp>

#include <functional>
#include <initializer_list>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

namespace tocsin::kafka {

// An expected failure. `code` is librdkafka's name of the error, without RD_KAFKA_RESP_ERR_ (UNKNOWN_TOPIC_OR_PART, _TRANSPORT,
// ...; a leading underscore: the client's own): a label for metrics. `message` is for people and names what it is about.
struct failure {
  std::string code;
  std::string message;
};

template <class T>
using result = boost::system::result<T, failure>;

// Thrown where a client is made: a property that librdkafka refuses, named with its value and the reason.
class configuration_error : public std::runtime_error {
public:
  using std::runtime_error::runtime_error;
};

// Makes result<T>::value() usable where a failure is a bug (tests, tools).
[[noreturn]] inline void throw_exception_from_error(const failure& f, const boost::source_location&) {
  throw std::runtime_error(f.code + ": " + f.message);
}

enum class severity { debug, info, warning, error };

// A line for the log: a constant phrase and the values that belong to it. Views are valid during the call.
struct log_entry {
  kafka::severity severity = severity::info;
  std::string_view text;
  std::initializer_list<std::pair<std::string_view, std::string_view>> fields;
};

// Called on the thread that runs the client's executor, never on a thread of librdkafka's. Must not throw. May be empty.
using log_function = std::function<void(const log_entry&)>;

} // namespace tocsin::kafka
