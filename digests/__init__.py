"""From events to messages: topics, matching, composing, rendering; pure but for delivery."""
