#!/bin/hello from-script
