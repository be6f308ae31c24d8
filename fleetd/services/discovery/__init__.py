"""Finding Redfish services: lists, ranges, SSDP and REST; expected against found."""
