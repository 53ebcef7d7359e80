// MessageArgument: the JSON of send, ask and publish. Its "type" member is the message type, the
// whole text, as given, is the payload.
#pragma once

#include <istream>
#include <string>

#include "base/status.hpp"

namespace actord::host {

struct MessageArgument {
  std::string type;
  std::string payload;
  // "-" is read from in. E_INVALID for anything but an object with a "type".
  static Result<MessageArgument> parse(const std::string& text, std::istream& in);
};

}  // namespace actord::host
